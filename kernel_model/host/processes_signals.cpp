// Waiting for children, and signals between processes.

#include <algorithm>
#include <climits>
#include <csignal>
#include <sys/wait.h>

#include "kernel_model/host/processes.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

// --- waitpid ---------------------------------------------------------------------------------------------------------

/// Which children a call is about. Linux: struct wait_opts, eligible_pid(), eligible_child()
struct Processes::Wanted {
  const Process& parent;
  int pid;
  int options;

  bool includes(const Process& child) const {
    const bool wants_clones = (options & __WCLONE) != 0 && (options & __WALL) == 0;
    if (wants_clones)
      return false;  // children that tell of their end by another signal than SIGCHLD: there are none
    if (pid > 0) return child.pid() == pid;
    return pid == -1 || child.group == (pid == 0 ? parent.group : -pid);
  }

  /// Nobody is woken for a child that he does not ask for. Linux: child_wait_callback()
  static int wake(WaitEntry& entry, std::uint32_t, bool sync) {
    const Wanted& wanted = *static_cast<const Wanted*>(entry.owner);
    const bool has_ended = std::ranges::any_of(wanted.parent.children, [&](const Process* child) {
      return child->state == Process::State::kZombie && wanted.includes(*child);
    });
    return has_ended && entry.queue->scheduler().wake_up(*entry.task, sync) ? 1 : 0;
  }
};

/// The pid of one that has ended, which is gone then; 0 while none has; −ECHILD where there is none to wait for.
/// Linux: do_wait_thread(), wait_consider_task()
int Processes::reap_one(Process& parent, const Wanted& wanted, int& status) {
  scheduler_.cpu().charge(scheduler_.costs().wait4);
  int result = -ECHILD;
  for (std::size_t i = 0; i < parent.children.size(); ++i) {
    Process& child = *parent.children[i];
    if (!wanted.includes(child)) continue;
    result = 0;
    if (child.state != Process::State::kZombie) continue;
    child.state = Process::State::kReaped;
    parent.children.erase(parent.children.begin() + static_cast<std::ptrdiff_t>(i));
    status = MUTANT("status is the exit code itself") ? child.status >> 8 : child.status;
    return child.pid();
  }
  return result;
}

int Processes::wait(Process& parent, int pid, int& status, int options) {
  constexpr int kKnown = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
  if ((options & ~kKnown) != 0) return -EINVAL;
  if (pid == INT_MIN) return -ESRCH;
  Wanted wanted{parent, pid, options};
  if ((options & WNOHANG) != 0) return reap_one(parent, wanted, status);

  if (parent.wait_chldexit == nullptr) parent.wait_chldexit = std::make_unique<WaitQueue>(scheduler_);
  WaitEntry entry = entry_for_current(scheduler_, false);
  entry.callback = &Wanted::wake;
  entry.owner = &wanted;
  parent.wait_chldexit->add(entry, WaitPlace::kHead);
  const Instant since = scheduler_.engine().now();
  int result = 0;
  for (;;) {
    scheduler_.set_sleeping();
    result = reap_one(parent, wanted, status);
    if (result == 0 && scheduler_.signal_pending()) result = -EINTR;
    if (result != 0) break;
    scheduler_.schedule();
  }
  scheduler_.set_running();
  parent.wait_chldexit->remove(entry);
  scheduler_.trace().emit(Waited{WaitReason::kEvents, since, scheduler_.current().id(), {}});
  return result;
}

// --- kill ------------------------------------------------------------------------------------------------------------

namespace {

bool is_valid_signal(int signal) { return signal >= 0 && signal <= SIGRTMAX; }
/// Linux: sig_kernel_stop()
bool stops(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}
/// Linux: sig_kernel_ignore(), which SIGPIPE is not, but programs ignore it
bool is_ignored(int signal) {
  return signal == 0 || signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT ||
         signal == SIGPIPE;
}

}  // namespace

/// Linux: group_send_sig_info(), check_kill_permission(), complete_signal()
int Processes::send(Process& process, int signal) {
  if (!is_valid_signal(signal) || stops(signal)) return -EINVAL;
  if (is_ignored(signal) || process.state != Process::State::kAlive || process.group_exit) return 0;
  if (process.live > 0) begin_group_exit(process, signal, nullptr);
  return 0;
}

/// 0 where one at least took it; otherwise why the last did not, −ESRCH where there is none. Linux: __kill_pgrp_info()
int Processes::send_to_many(int signal, auto is_meant) {
  bool any = false;
  int error = -ESRCH;
  for (std::size_t i = 0; i < processes_.size(); ++i) {  // others may fork meanwhile
    Process& process = *processes_[i];
    if (process.state == Process::State::kReaped || process.pid() == 0 || !is_meant(process)) continue;
    const int result = send(process, signal);
    any |= result == 0;
    error = result;
  }
  return any ? 0 : error;
}

/// Any thread's number names its process, while that thread is there; a zombie's first thread still is.
/// Linux: find_vpid(), pid_task()
Process* Processes::with_thread(int tid) {
  for (const auto& process : processes_) {
    const auto found = process->threads_by_tid.find(tid);
    if (found == process->threads_by_tid.end() || process->state == Process::State::kReaped) continue;
    const bool is_there = found->second.word != 0 || tid == process->pid();
    return is_there ? process.get() : nullptr;
  }
  return nullptr;
}

int Processes::kill(const Process& sender, int pid, int signal) {
  scheduler_.cpu().charge(scheduler_.costs().kill);
  if (pid == INT_MIN) return -ESRCH;
  if (pid > 0) {
    Process* const process = with_thread(pid);
    return process != nullptr ? send(*process, signal) : -ESRCH;
  }
  if (pid == -1) return send_to_many(signal, [&](const Process& process) { return &process != &sender; });
  const int group = pid == 0 ? sender.group : -pid;
  return send_to_many(signal, [group](const Process& process) { return process.group == group; });
}

}  // namespace stackscope
