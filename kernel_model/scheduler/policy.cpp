// Changing how the running task is scheduled.
//
// Linux: kernel/sched/syscalls.c __sched_setscheduler(), __setscheduler_params(); kernel/sched/rt.c prio_changed_rt(),
//        switched_to_rt(); kernel/sched/fair.c switched_to_fair()

#include "kernel_model/scheduler/run_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

/// Its entities follow its attributes. REQUIRES: on no run queue.
void Task::apply_attributes() {
  const bool is_idle = attributes_.policy == SchedPolicy::kIdle;
  fair_.load = is_idle ? kIdleWeight : weight_of_nice(attributes_.nice);
  fair_.idle_policy = is_idle;
  fair_.batch_or_idle = is_idle || attributes_.batch;
  realtime_.priority = attributes_.priority;
  realtime_.round_robin = attributes_.policy == SchedPolicy::kRoundRobin;
}

void Scheduler::set_scheduler(SchedPolicy policy, std::uint8_t priority, bool batch) {
  cpu().charge(costs().sched_setscheduler);
  Task& task = current();
  TaskAttributes& own = task.attributes_;
  if (own.policy == policy && own.priority == priority && own.batch == batch) return;
  RunQueue& rq = *run_queues_[cpu().number()];
  const bool was_realtime = task.is_realtime();
  const bool is_lowered = was_realtime && priority < own.priority;
  deactivate(rq, task, false);
  if (!was_realtime) rq.fair.put_prev(rq.now());
  own.policy = policy, own.priority = priority, own.batch = batch;
  task.apply_attributes();
  enqueue_running(rq, task, is_lowered);
  trace().emit(TaskScheduling{task.id_, policy, priority});
  if (was_realtime && (!task.is_realtime() || rq.realtime.pick() != &task.realtime_))
    rq.cpu.set_need_resched(true);
}

/// Back on the queue of its new class, as the one who runs: whoever lowers his priority stays before his new equals.
void Scheduler::enqueue_running(RunQueue& rq, Task& task, bool is_lowered) {
  task.is_on_rq_ = true;
  if (task.is_realtime()) {
    rq.realtime.enqueue(task.realtime_,
                        is_lowered ? RealtimeRunQueue::End::kHead : RealtimeRunQueue::End::kTail);
    return;
  }
  rq.fair.enqueue(task.fair_, FairRunQueue::Enqueue::kMoved, rq.now());
  rq.fair.set_next(task.fair_, rq.now());
}

}  // namespace stackscope
