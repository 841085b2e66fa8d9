#pragma once
// A process of a real program: its threads, its words in the run's shared memory, and its interpreter's lock.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "measure/interpreter_lock.hpp"
#include "measure/recorder.hpp"
#include "sim/time.hpp"

namespace stackscope {

class RealThread;

/// Hosts by name, their IPv4 addresses in host byte order. Who is not in it is at 127.0.0.1.
using RealAddresses = std::map<std::string, std::uint32_t, std::less<>>;

class RealProcess {
 public:
  struct How {
    int threads;
    bool has_interpreter_lock, counts_wakeups;
  };
  /// Of a process that runs already. All but `slot`, which fork() changes, must outlive it.
  RealProcess(Arena& arena, ProcessSlot& slot, const RealAddresses& addresses, How how);

  /// Runs `body` once a thread, and answers what thread 0's returned when all of them have. REQUIRES: the process has one thread.
  int run(const std::function<int(Syscalls&)>& body);

  /// A thread that has been made and waits to be let go, so that its place behind its maker's is definite.
  struct NewThread;
  /// Its tid, or −EAGAIN. Without let_go() it never runs.
  int make_thread(std::function<void(Syscalls&)> body, Recorder& teller, NewThread*& made);
  void let_go(NewThread& made);

  /// The calling thread alone goes on, in a process of its own, as fork() left it: `child`, and the end. Does not return.
  [[noreturn]] void continue_as(ProcessSlot& process, ThreadSlot& thread,
                                const std::function<int(Syscalls&)>& child);
  /// All threads end.
  [[noreturn]] void exit(int status);

  Arena& arena() { return arena_; }
  ProcessSlot& slot() { return *slot_; }
  InterpreterLock* lock() { return has_lock_ ? &lock_ : nullptr; }
  bool counts_wakeups() const { return counts_wakeups_; }
  int threads() const { return threads_; }
  Instant since_start(const timespec& monotonic) const;
  std::uint32_t address_of(std::string_view host) const;

 private:
  static void* run_new_thread(void* argument);
  int start(NewThread& thread);

  Arena& arena_;
  ProcessSlot* slot_;
  const RealAddresses& addresses_;
  int threads_;
  std::atomic<int> numbers_;  // given out to threads
  const bool has_lock_, counts_wakeups_;
  InterpreterLock lock_;
};

/// The record of a new thread or process.
void tell_task_created(Recorder& teller, const ThreadSlot& of);

}  // namespace stackscope
