#pragma once
// A process: threads that share descriptors and memory.

#include <array>
#include <cstdint>

#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/scheduler/futex.hpp"
#include "kernel_model/syscalls.hpp"

namespace stackscope {

/// Linux:   struct task_struct's mm, files, signal
/// Differs: RLIMIT_NOFILE is 1,048,576, as service managers set it, not 1,024.
struct Process {
  Process(ProcessId its_id, Scheduler& scheduler, Files& files)
      : id(its_id), fds(its_id, files, 1 << 20, 3), futexes(its_id, scheduler) {}

  ProcessId id;
  FdTable fds;
  Futexes futexes;
  int threads = 1;
  std::array<std::uint32_t, Syscalls::kSharedWords> words{};  // what load(), store() and futexes act on
};

}  // namespace stackscope
