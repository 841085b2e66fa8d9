// Signals that end a process, as far as the scheduler has to do with them; and who waits until others sleep.

#include <algorithm>
#include <cassert>

#include "kernel_model/scheduler/run_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

void Scheduler::send_fatal_signal(Task& task) {
  if (task.state_ == TaskState::kDead || task.is_exiting_ || task.has_fatal_signal_) return;
  task.has_fatal_signal_ = true;
  RunQueue& rq = *run_queues_[task.cpu_];
  const bool is_running = rq.current == &task;
  if (is_running) rq.cpu.set_signal_pending(true);
  if (task.state_ == TaskState::kSleeping && task.is_interruptible_) {
    wake_up(task);
    return;
  }
  if (!is_running || &rq.cpu == &cpu()) return;
  trace().emit(IpiSend{rq.cpu.number(), IrqKind::kReschedule});
  rq.reschedule.send();
  cpu().charge(costs().ipi_send);
}

void Scheduler::begin_exit() {
  current().is_exiting_ = true;
  current().has_fatal_signal_ = false;
  cpu().set_signal_pending(false);
}

void Scheduler::deliver_fatal_signal() {
  assert(fatal_signal_handler_ != nullptr && "only processes are sent signals");
  fatal_signal_handler_(fatal_signal_owner_);
}

// --- watching others fall asleep -------------------------------------------------------------------------------------

bool Scheduler::Watch::is_over() const {
  return std::ranges::all_of(
      tasks, [](const Task* task) { return task->is_blocked() || task->state() == TaskState::kDead; });
}

void Scheduler::wait_until_blocked(std::span<const Task* const> tasks) {
  Task& self = current();
  const Watch watch{&self, tasks};
  const std::int64_t sleeps = self.sleeps_;
  self.watches_others_ = true;
  while (!watch.is_over() && !signal_pending()) {
    watches_.push_back(watch);
    set_sleeping();
    schedule();
    set_running();
    std::erase_if(watches_, [&self](const Watch& other) { return other.watcher == &self; });
  }
  self.watches_others_ = false;
  self.sleeps_ = sleeps;  // these were none in calls of its own
}

// A watch that is over is taken out before its watcher is woken: waking charges, and then the list may change.
void Scheduler::tell_watchers() {
  for (;;) {
    const auto over = std::ranges::find_if(watches_, [](const Watch& watch) { return watch.is_over(); });
    if (over == watches_.end()) return;
    Task& watcher = *over->watcher;
    watches_.erase(over);
    wake_up(watcher);
  }
}

// --- CPU time --------------------------------------------------------------------------------------------------------

Duration Scheduler::cpu_time(const Task& task) const {
  const bool is_running = run_queues_[task.cpu_]->current == &task;
  return task.ran_ + (is_running ? engine_.now() - task.running_since_ : Duration{});
}

}  // namespace stackscope
