// Placing: on which CPU a task runs, and who takes over when a CPU would go idle.
//
// Linux:   kernel/sched/fair.c select_task_rq_fair(), select_idle_sibling(), sched_balance_newidle();
//          kernel/sched/rt.c select_task_rq_rt(), find_lowest_rq(), pull_rt_task()
// Differs: wake_affine() weighs runnable tasks, not decayed load; there is no periodic balancing, so CPUs that are
//          never idle keep their tasks. Who could notice: more hogs than CPUs, unevenly started.

#include "kernel_model/scheduler/run_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

bool Scheduler::is_idle(std::uint8_t number) const { return run_queues_[number]->is_idle(); }

std::uint8_t Scheduler::first_allowed(const Task& task) const {
  for (std::uint8_t n = 0; n < run_queues_.size(); ++n) {
    if (task.may_run_on(n)) return n;
  }
  assert(false && "an affinity without CPUs is refused when it is set");
  return 0;
}

// The idlest CPU, the first among equals. Linux: sched_balance_find_dst_cpu()
std::uint8_t Scheduler::select_cpu_for_new(const Task& task) const {
  std::uint8_t best = first_allowed(task);
  for (std::uint8_t n = 0; n < run_queues_.size(); ++n) {
    if (task.may_run_on(n) && run_queues_[n]->runnable() < run_queues_[best]->runnable()) best = n;
  }
  return best;
}

std::uint8_t Scheduler::select_cpu(const Task& task, bool sync) {
  return task.is_realtime() ? select_cpu_realtime(task) : select_cpu_fair(task, sync);
}

// Stays where it was, unless a task runs there that it would not preempt or that cannot move away.
std::uint8_t Scheduler::select_cpu_realtime(const Task& task) const {
  if (!task.may_run_on(task.cpu_)) return first_allowed(task);
  const Task& running = *run_queues_[task.cpu_]->current;
  if (!running.is_realtime()) return task.cpu_;
  if (is_movable(running) && running.attributes_.priority < task.attributes_.priority) return task.cpu_;
  return lowest_for(task).value_or(task.cpu_);
}

bool Scheduler::is_movable(const Task& task) const {
  int allowed = 0;
  for (std::uint8_t n = 0; n < run_queues_.size(); ++n) allowed += task.may_run_on(n) ? 1 : 0;
  return allowed > 1;
}

// Of the CPUs whose highest task is lowest: the task's last one, else the waker's, else the first; none where all are
// as high as it. Linux: kernel/sched/rt.c find_lowest_rq(), kernel/sched/cpupri.c cpupri_find()
std::optional<std::uint8_t> Scheduler::lowest_for(const Task& task) const {
  const auto priority_on = [this](std::uint8_t n) {
    const RealtimeEntity* const highest = run_queues_[n]->realtime.pick();
    return highest == nullptr ? 0 : int{highest->priority};
  };
  int lowest = task.attributes_.priority;
  std::optional<std::uint8_t> first;
  for (std::uint8_t n = 0; n < run_queues_.size(); ++n) {
    if (!task.may_run_on(n) || priority_on(n) >= lowest) continue;
    lowest = priority_on(n);
    first = n;
  }
  if (!first) return std::nullopt;
  for (const std::uint8_t near : {task.cpu_, engine_.moment().place.cpu}) {
    if (near < run_queues_.size() && task.may_run_on(near) && priority_on(near) == lowest) return near;
  }
  return first;
}

// Who waits behind `next` and may run elsewhere goes where something lower runs. Linux pushes right after the switch, out
// of the same hands. Linux: kernel/sched/rt.c set_next_task_rt(), push_rt_task()
void Scheduler::push_realtime(RunQueue& rq, const Task& next) {
  while (rq.realtime.is_overloaded()) {
    RealtimeEntity* const waiting = rq.realtime.first_where(
        [&](const RealtimeEntity& e) { return e.task != &next && is_movable(*e.task); });
    if (waiting == nullptr) return;
    const std::optional<std::uint8_t> to = lowest_for(*waiting->task);
    if (!to) return;
    move(*waiting->task, *to);
  }
}

// First the waker's CPU or the last one (wake_affine), then an idle one near it.
std::uint8_t Scheduler::select_cpu_fair(const Task& task, bool sync) {
  const Place place = engine().moment().place;
  const std::uint8_t previous = task.may_run_on(task.cpu_) ? task.cpu_ : first_allowed(task);
  std::uint8_t target = previous;
  if (place.cpu != Place::kNoCpu && task.may_run_on(place.cpu) && place.cpu != previous) {
    const RunQueue& here = *run_queues_[place.cpu];
    const bool waker_leaves = sync && here.runnable() == 1;
    if (is_idle(previous)) return previous;
    if (here.is_idle() || waker_leaves || here.runnable() < run_queues_[previous]->runnable())
      target = place.cpu;
  }
  if (is_idle(target)) return target;
  for (std::uint8_t n = 0; n < run_queues_.size(); ++n) {
    if (task.may_run_on(n) && is_idle(n)) return n;
  }
  return target;
}

// A queued task, perhaps the running one, changes its run queue. Charges nothing: the caller may be in the middle of a switch.
void Scheduler::move(Task& task, std::uint8_t to) {
  RunQueue& from = *run_queues_[task.cpu_];
  RunQueue& target = *run_queues_[to];
  deactivate(from, task, false);
  if (from.fair.current() == &task.fair_) from.fair.put_prev(from.now());
  trace().emit(SchedMigrate{task.id_, task.cpu_, to});
  task.cpu_ = to;
  task.is_on_rq_ = true;
  if (task.is_realtime()) {
    target.realtime.enqueue(task.realtime_);
  } else {
    target.fair.enqueue(task.fair_, FairRunQueue::Enqueue::kMoved, target.now());
  }
  if (&target.cpu == &cpu()) return;
  target.cpu.set_need_resched(true);
  target.reschedule.send();
}

bool Scheduler::pull_realtime(RunQueue& rq) {
  for (const auto& other : run_queues_) {
    if (other.get() == &rq || !other->realtime.is_overloaded()) continue;
    RealtimeEntity* const waiting = other->realtime.first_where([&](const RealtimeEntity& e) {
      return e.task != other->current && e.task->may_run_on(rq.cpu.number());
    });
    if (waiting == nullptr) continue;
    move(*waiting->task, rq.cpu.number());
    return true;
  }
  return false;
}

bool Scheduler::pull_fair(RunQueue& rq) {
  for (const auto& other : run_queues_) {
    if (other.get() == &rq || other->fair.runnable() < 2) continue;
    FairEntity* const waiting = other->fair.first_where(
        [&](const FairEntity& e) { return !e.sched_delayed && e.task->may_run_on(rq.cpu.number()); });
    if (waiting == nullptr) continue;
    move(*waiting->task, rq.cpu.number());
    return true;
  }
  return false;
}

int Scheduler::set_affinity(CpuMask mask) {
  const CpuMask present = run_queues_.size() >= 64 ? kAnyCpu : (CpuMask{1} << run_queues_.size()) - 1;
  if ((mask & present) == 0) return -EINVAL;
  current().attributes_.affinity = mask;
  if (!current().may_run_on(current().cpu_)) schedule();
  return 0;
}

}  // namespace stackscope
