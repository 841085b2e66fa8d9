// Waking: from a sleeping task to one on a run queue, here or on another CPU.

#include <cassert>

#include "kernel_model/scheduler/run_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"

namespace stackscope {

bool Scheduler::wake_up(Task& task, bool sync) {
  if (task.state_ != TaskState::kSleeping) return false;
  task.state_ = TaskState::kRunning;  // from here on nobody else wakes it
  task.woken_by_ = trace().emit(SchedWaking{task.id_, task.cpu_});
  if (task.is_on_rq_) {  // it had said that it would sleep, and has not yet
    trace().emit(SchedWakeup{task.id_, task.cpu_});
    task.woken_by_ = {};
    return true;
  }
  cpu().charge(costs().wake_up);
  if (!task.fair_.sched_delayed) {
    const std::uint8_t target = select_cpu(task, sync);
    if (target != task.cpu_) trace().emit(SchedMigrate{task.id_, task.cpu_, target});
    task.cpu_ = target;
  }
  RunQueue& rq = *run_queues_[task.cpu_];
  if (&rq.cpu != &cpu() && rq.current == &rq.idle && rq.runnable() == 0) {
    queue_remotely(rq, task);
    return true;
  }
  activate(rq, task, false);
  const bool interrupted = preempt_if_better(rq, task);
  trace().emit(SchedWakeup{task.id_, task.cpu_});  // last, as in ttwu_do_activate()
  check_in_debug(*this);
  if (interrupted) cpu().charge(costs().ipi_send);
  return true;
}

// The idle CPU is interrupted and puts the task on its own run queue, which spares us its lock.
// Linux: kernel/sched/core.c ttwu_queue_wakelist(), __ttwu_queue_wakelist()
void Scheduler::queue_remotely(RunQueue& rq, Task& task) {
  const bool is_first =
      rq.woken_remotely.empty();  // otherwise the interrupt is under way: the list is in order
  rq.woken_remotely.push_back(&task);
  cpu().charge(costs().wake_remote);
  if (!is_first) return;
  trace().emit(IpiSend{rq.cpu.number(), IrqKind::kCallFunction});
  rq.call.send();
  cpu().charge(costs().ipi_send);
}

// Linux: kernel/sched/core.c sched_ttwu_pending()
void Scheduler::take_remote_wakeups(RunQueue& rq) {
  rq.cpu.charge(costs().call_function_interrupt);
  std::swap(rq.woken_remotely, rq.being_activated);
  for (Task* task : rq.being_activated) {
    activate(rq, *task, false);
    [[maybe_unused]] const bool interrupted = preempt_if_better(rq, *task);
    assert(!interrupted && "this is that CPU");
    trace().emit(SchedWakeup{task->id_, task->cpu_}, task->woken_by_);
  }
  rq.being_activated.clear();
}

// Linux: kernel/sched/core.c wakeup_preempt()
bool Scheduler::preempt_if_better(RunQueue& rq, Task& woken) {
  const Task& running = *rq.current;
  bool better = false;
  if (&running == &rq.idle) {
    better = true;
  } else if (woken.is_realtime() != running.is_realtime()) {
    better = woken.is_realtime();
  } else if (woken.is_realtime()) {
    better = RealtimeRunQueue::wakeup_preempts(woken.realtime_, running.realtime_);
  } else {
    better = rq.fair.wakeup_preempt(woken.fair_, rq.now());
  }
  return better && request_resched(rq);
}

// Linux: kernel/sched/core.c resched_curr()
bool Scheduler::request_resched(RunQueue& rq) {
  if (rq.cpu.need_resched()) return false;
  rq.cpu.set_need_resched(true);
  if (!rq.cpu.has_begun()) return false;
  const Place here = engine().moment().place;
  if (here == rq.cpu.place()) return false;
  const bool has_sender = here.host == rq.cpu.place().host && here.cpu != Place::kNoCpu;
  if (has_sender) trace().emit(IpiSend{rq.cpu.number(), IrqKind::kReschedule});
  rq.reschedule.send();
  return has_sender;
}

}  // namespace stackscope
