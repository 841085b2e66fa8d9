#pragma once
// A process: threads that share descriptors and memory.

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/scheduler/futex.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "kernel_model/syscalls.hpp"

namespace stackscope {

/// Linux:   struct task_struct's mm, files, signal
/// Differs: RLIMIT_NOFILE is 1,048,576, as service managers set it, not 1,024.
struct Process {
  static constexpr int kMostFds = 1 << 20;

  /// Has standard input, output and error, and is its own process group.
  Process(ProcessId its_id, Scheduler& scheduler, Files& files)
      : id(its_id), fds(its_id, files, kMostFds, 3), futexes(its_id, scheduler) {}
  /// A child: the parent's descriptors and words, none of its threads. Linux: kernel/fork.c copy_process()
  Process(ProcessId its_id, Scheduler& scheduler, Process& its_parent)
      : id(its_id),
        fds(its_id, its_parent.fds),
        futexes(its_id, scheduler),
        words(its_parent.words),
        counters_at_start(its_parent.counters_at_start),
        parent(&its_parent),
        group(its_parent.group) {}

  /// Linux: pthread_t of a thread that can be joined
  struct Thread {
    Task* task;
    std::uint32_t word;  // its gettid(), then 0: who joins it sleeps on this; Linux: clear_child_tid
  };
  /// What a thread that was made at runtime runs, and its way into the kernel. Here, since its stack is never unwound.
  struct Started {
    std::function<int(Syscalls&)> body;
    std::unique_ptr<Syscalls> os = nullptr;
  };
  enum class State : std::uint8_t { kAlive, kZombie, kReaped };

  /// The futex word that names a thread, for who joins it.
  static unsigned join_word(int tid) { return Syscalls::kSharedWords + static_cast<unsigned>(tid); }
  /// The first thread's gettid(); 0 before there is one.
  int pid() const { return threads_by_tid.empty() ? 0 : threads_by_tid.begin()->first; }

  ProcessId id;
  FdTable fds;
  Futexes futexes;
  int threads = 1;                                            // that programs know of
  std::array<std::uint32_t, Syscalls::kSharedWords> words{};  // what load(), store() and futexes act on
  NetCounters counters_at_start;                              // of the host, when the program began

  std::map<int, Thread> threads_by_tid;  // all that ever were
  std::deque<Started> started;
  Process* parent = nullptr;       // null: the host's init, which waits for whoever ends
  int group = 0;                   // pid of its first; Linux: pgrp
  std::vector<Process*> children;  // in order of their making, until they were waited for
  State state = State::kAlive;
  int status = 0;                 // as <sys/wait.h> reads it, from the end of the last thread on
  std::optional<int> group_exit;  // the same, while all threads are being ended; Linux: SIGNAL_GROUP_EXIT
  int live = 0;                   // threads that have not begun to end; Linux: signal->live
  int present = 0;                // threads that have not ended
  std::unique_ptr<WaitQueue> wait_chldexit;  // made when somebody waits; Linux: signal->wait_chldexit
};

}  // namespace stackscope
