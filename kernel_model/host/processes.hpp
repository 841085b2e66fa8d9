#pragma once
// All processes of a host: how they begin, end, wait for each other and are killed.
//
// A thread's gettid() is its task's number, a process's getpid() that of its first thread. A process ends with its last
// thread: its memory goes, its descriptors are closed, its children go to init, and it stays as a zombie until its parent
// has waited for it.
//
// Linux:     kernel/fork.c copy_process(); kernel/exit.c do_exit(), do_group_exit(), exit_notify(), kernel_wait4(),
//            do_wait(), wait_task_zombie(); kernel/signal.c kill_something_info(), group_send_sig_info(), complete_signal();
//            fs/file.c put_files_struct()
// Invariant: a process is a zombie only when none of its threads runs any more but the one that ends it.
// Differs:   signals end a process or do nothing: no handlers, masks or queues, and those that stop one (SIGSTOP, SIGTSTP,
//            SIGTTIN, SIGTTOU) answer EINVAL. SIGPIPE is ignored, as programs set it. No status has the core dump's bit.
// Differs:   kill(-1) reaches the processes of all programs of the host, and never kernel threads or init.
// Differs:   a program's first process has no parent that waits for it: it is gone when it ends.
// Differs:   at most 16,384 threads live at a time (kernel.pid_max is 32,768); numbers are not used again.

#include <memory>
#include <span>
#include <vector>

#include "kernel_model/host/process.hpp"
#include "kernel_model/scheduler/scheduler.hpp"

namespace stackscope {

class Processes {
 public:
  static constexpr int kMostThreads = 16'384;

  /// Both outlive this.
  Processes(Scheduler& scheduler, Files& files);
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  const std::vector<std::unique_ptr<Process>>& all() const { return processes_; }

  /// A process without threads.
  Process& create();
  /// A child of `parent` without threads. REQUIRES: task context. Linux: kernel_clone() without CLONE_THREAD
  Process& create_child(Process& parent);
  /// A thread that runs `body` in kernel context and then ends.
  Task& create_thread(Process& process, TaskAttributes attributes, std::function<void()> body);
  /// Whether there is room for one more.
  bool is_full() const { return live_ >= kMostThreads; }

  // --- of the current task, in task context ----------------------------------------------------------------------------

  /// All threads of its process end. `status`: as <sys/wait.h> reads it. Linux: do_group_exit()
  [[noreturn]] void exit_group(int status);
  /// Sleeps until that thread of its process has ended: 0, −ESRCH, −EINTR. Linux: futex(2) as pthread_join() calls it
  static int join(Process& process, int tid);
  /// wait4(2) by `parent`: the pid of a child that ended, 0 (WNOHANG), or −errno: EINVAL, ESRCH, ECHILD, EINTR. `status` is
  /// written for a pid only.
  int wait(Process& parent, int pid, int& status, int options);
  /// kill(2) by `sender`: 0, −ESRCH, −EINVAL.
  int kill(const Process& sender, int pid, int signal);

 private:
  struct Wanted;

  Process& of(const Task& task) { return *processes_[task.attributes().process.value - 1]; }
  [[noreturn]] void exit_thread(int status);
  void end(Process& process);
  void begin_group_exit(Process& process, int status, const Task* spared);
  Process* with_thread(int tid);
  int send(Process& process, int signal);
  int send_to_many(int signal, auto is_meant);
  int reap_one(Process& parent, const Wanted& wanted, int& status);

  Scheduler& scheduler_;
  Files& files_;
  Ordinals<ProcessId> ids_;
  std::vector<std::unique_ptr<Process>> processes_;  // by identity, from 1; kept when they are gone
  int live_ = 0;                                     // threads of all
};

}  // namespace stackscope
