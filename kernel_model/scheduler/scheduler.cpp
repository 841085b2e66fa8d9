#include "kernel_model/scheduler/scheduler.hpp"

#include <cstdlib>
#include <utility>

#include "kernel_model/scheduler/run_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"

namespace stackscope {

Task::Task(TaskId id, TaskAttributes attributes, std::function<void()> body)
    : id_(id),
      attributes_(std::move(attributes)),
      body_(std::move(body)),
      timeout_(Hrtimer::calling<&Task::on_timeout>(*this)) {
  fair_.task = this;
  realtime_.task = this;
  apply_attributes();
}

Scheduler::RunQueue::RunQueue(Scheduler& owner, Cpu& its_cpu, LocalTimer& its_timer, FairTunables tunables,
                              Hz hz)
    : scheduler(owner),
      cpu(its_cpu),
      timer(its_timer),
      fair(tunables),
      realtime(hz),
      idle(TaskId{}, TaskAttributes{.comm = "swapper", .process = {}},
           [this] { scheduler.idle_loop(*this); }),
      reschedule(its_cpu, IrqKind::kReschedule, this,
                 [](void*, Cpu& c) { c.charge(c.costs().reschedule_interrupt); }),
      call(its_cpu, IrqKind::kCallFunction, this, [](void* self, Cpu&) {
        auto& rq = *static_cast<RunQueue*>(self);
        rq.scheduler.take_remote_wakeups(rq);
      }) {}

Scheduler::Scheduler(std::span<const std::unique_ptr<Cpu>> cpus,
                     std::span<const std::unique_ptr<LocalTimer>> timers, Hz hz)
    : engine_(cpus.front()->engine()) {
  const auto tunables = FairTunables::for_machine(static_cast<unsigned>(cpus.size()), hz);
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    cpus_.push_back(cpus[i].get());
    timers_.push_back(timers[i].get());
    RunQueue& rq =
        *run_queues_.emplace_back(std::make_unique<RunQueue>(*this, *cpus[i], *timers[i], tunables, hz));
    rq.idle.scheduler_ = this;
    rq.idle.cpu_ = static_cast<std::uint8_t>(i);
    rq.idle.fiber_ =
        std::make_unique<Fiber>(stacks_, [](void* idle) { static_cast<Task*>(idle)->body_(); }, &rq.idle);
    cpus[i]->start(*rq.idle.fiber_);
  }
}

Scheduler::~Scheduler() = default;

Task& Scheduler::current() { return *run_queues_[cpu().number()]->current; }

const Task& Scheduler::current_on(std::uint8_t cpu) const { return *run_queues_[cpu]->current; }

Task& Scheduler::prepare(TaskAttributes attributes, std::function<void()> body) {
  Task& task =
      *tasks_.emplace_back(std::make_unique<Task>(task_ids_.next(), std::move(attributes), std::move(body)));
  const TaskAttributes& a = task.attributes_;
  task.scheduler_ = this;
  StackPool& stacks = a.stack_bytes <= 64 * 1024 ? stacks_ : large_stacks_;
  task.fiber_ = std::make_unique<Fiber>(stacks, &Scheduler::run_task, &task);
  task.woken_by_ =
      trace().emit(TaskCreated{task.id_, a.process, trace().intern(a.comm), a.policy, a.priority});
  return task;
}

void Scheduler::wake_up_new(Task& task) {
  task.cpu_ = select_cpu_for_new(task);
  RunQueue& rq = *run_queues_[task.cpu_];
  activate(rq, task, true);
  trace().emit(SchedWakeupNew{task.id_, task.cpu_});
  if (preempt_if_better(rq, task)) cpu().charge(costs().ipi_send);
}

void Scheduler::run_task(void* argument) {
  Task& task = *static_cast<Task*>(argument);
  task.scheduler_->finish_switch();
  task.body_();
  task.scheduler_->exit_current();
}

void Scheduler::exit_current() {
  Task& task = current();
  cpu().charge(costs().thread_exit);
  trace().emit(TaskExited{task.id_});
  task.state_ = TaskState::kDead;
  schedule();
  std::abort();  // a dead task is never picked
}

// --- switching -------------------------------------------------------------------------------------------------------

void Scheduler::schedule() {
  RunQueue& rq = *run_queues_[cpu().number()];
  rq.cpu.irq_disable();
  rq.cpu.charge(costs().schedule);
  rq.cpu.set_need_resched(false);
  // From here to the switch nothing may be charged: another CPU could run this task while it is still here.
  Task& previous = *rq.current;
  if (&previous != &rq.idle) {
    // Linux: __schedule() with signal_pending_state()
    if (previous.state_ == TaskState::kSleeping && previous.is_interruptible_ && previous.has_fatal_signal_)
      previous.state_ = TaskState::kRunning;
    if (previous.state_ != TaskState::kRunning) {
      deactivate(rq, previous, true);
    } else if (!previous.may_run_on(previous.cpu_)) {
      move(previous, first_allowed(previous));
    }
  }
  Task& next = pick_next(rq);
  if (&next == &previous) {
    rq.cpu.irq_enable();
    return;
  }
  if (previous.is_on_rq_) previous.runnable_since_ = rq.now();
  if (next.is_realtime()) push_realtime(rq, next);
  switch_to(rq, next);
}

void Scheduler::switch_to(RunQueue& rq, Task& next) {
  Task& previous = *rq.current;
  const RecordId cause = next.woken_by_ ? next.woken_by_ : trace().moment().cause;
  if (&next != &rq.idle && rq.now() > next.runnable_since_) {
    trace().emit(Waited{WaitReason::kRunQueue, next.runnable_since_, next.id_, rq.switched_in}, cause);
  }
  rq.switched_in = trace().emit(SchedSwitch{previous.id_, previous.state_, next.id_}, cause);
  rq.current = &next;
  next.woken_by_ = {};
  if (previous.state_ == TaskState::kDead) rq.dead = &previous;
  account_switch(rq, previous, next);
  check_in_debug(*this);
  rq.cpu.switch_to(*next.fiber_, &next == &rq.idle ? CpuContext::kIdle : CpuContext::kKernel);
  finish_switch();
}

void Scheduler::account_switch(RunQueue& rq, Task& previous, Task& next) {
  previous.ran_ += rq.now() - previous.running_since_;
  next.running_since_ = rq.now();
  next.has_left_cpu_ = false;
  rq.has_new_sleeper = previous.state_ != TaskState::kRunning;
  if (previous.state_ == TaskState::kSleeping) previous.has_left_cpu_ = true, ++previous.sleeps_;
  rq.cpu.set_signal_pending(next.has_fatal_signal_);
}

// Runs in the task that was switched to, on the CPU that it is on now.
void Scheduler::finish_switch() {
  RunQueue& rq = *run_queues_[cpu().number()];
  if (rq.dead != nullptr) std::exchange(rq.dead, nullptr)->fiber_.reset();
  rq.cpu.charge(costs().context_switch);
  if (std::exchange(rq.has_new_sleeper, false) && !watches_.empty()) tell_watchers();
  rq.cpu.irq_enable();
}

void Scheduler::idle_loop(RunQueue& rq) {
  for (;;) {
    while (!rq.cpu.need_resched()) {
      rq.timer.enter_idle();
      rq.cpu.charge(costs().idle_enter);
      if (!rq.cpu.need_resched()) rq.cpu.halt();
    }
    rq.timer.leave_idle();
    schedule();
  }
}

Cpu& Scheduler::reschedule() {
  schedule();
  return cpu();
}

void Scheduler::cond_resched() {
  if (cpu().need_resched()) schedule();
}

// --- run queues ------------------------------------------------------------------------------------------------------

Task& Scheduler::pick_next(RunQueue& rq) {
  Task& previous = *rq.current;
  const bool was_fair = rq.fair.current() != nullptr;
  RealtimeEntity* realtime = rq.realtime.pick();
  if (realtime == nullptr && pull_realtime(rq)) realtime = rq.realtime.pick();
  if (realtime != nullptr) {
    if (was_fair) rq.fair.put_prev(rq.now());
    return *realtime->task;
  }
  FairEntity* fair = rq.fair.pick_next(rq.now());
  if (fair == nullptr && pull_fair(rq)) fair = rq.fair.pick_next(rq.now());
  if (fair != nullptr && fair->task == &previous && was_fair) return previous;
  if (was_fair) rq.fair.put_prev(rq.now());
  if (fair == nullptr) return rq.idle;
  rq.fair.set_next(*fair, rq.now());
  return *fair->task;
}

void Scheduler::activate(RunQueue& rq, Task& task, bool is_new) {
  task.is_on_rq_ = true;
  task.runnable_since_ = rq.now();
  if (task.is_realtime()) {
    rq.realtime.enqueue(task.realtime_);
  } else {
    rq.fair.enqueue(task.fair_, is_new ? FairRunQueue::Enqueue::kNew : FairRunQueue::Enqueue::kWakeup,
                    rq.now());
  }
}

void Scheduler::deactivate(RunQueue& rq, Task& task, bool sleeps) {
  task.is_on_rq_ = false;
  if (task.is_realtime()) {
    rq.realtime.dequeue(task.realtime_);
    return;
  }
  const auto why = sleeps ? FairRunQueue::Dequeue::kSleep : FairRunQueue::Dequeue::kMove;
  const bool is_off = rq.fair.dequeue(task.fair_, why, rq.now());
  if (!is_off && task.state_ == TaskState::kDead) rq.fair.finish_delayed(task.fair_, rq.now());
}

void Scheduler::tick(Cpu& on) {
  RunQueue& rq = *run_queues_[on.number()];
  on.charge(costs().tick);
  Task& task = *rq.current;
  if (&task == &rq.idle) return;
  if (task.is_realtime()) {
    if (rq.realtime.tick(task.realtime_)) on.set_need_resched(true);
    return;
  }
  rq.fair.tick(rq.now());
  if (rq.fair.needs_resched()) on.set_need_resched(true);
}

void Scheduler::yield() {
  RunQueue& rq = *run_queues_[cpu().number()];
  rq.cpu.charge(costs().yield);
  if (current().is_realtime()) {
    rq.realtime.yield(current().realtime_);
  } else {
    rq.fair.yield(rq.now());
  }
  schedule();
}

void Scheduler::check_invariants() const {
  std::vector<std::uint32_t> realtime(run_queues_.size()), fair(run_queues_.size());
  for (const auto& task : tasks_) {
    realtime[task->cpu_] += task->realtime_.is_queued();
    fair[task->cpu_] += task->fair_.on_rq;
    assert(!task->realtime_.is_queued() || !task->fair_.on_rq);
    const bool is_queued = task->is_realtime() ? task->realtime_.is_queued() : task->fair_.on_rq;
    assert(task->is_on_rq_ ? is_queued : !is_queued || task->fair_.sched_delayed);
  }
  for (std::size_t n = 0; n < run_queues_.size(); ++n) {
    assert(run_queues_[n]->realtime.queued() == realtime[n] && run_queues_[n]->fair.queued() == fair[n]);
    const Task& current = *run_queues_[n]->current;
    assert(&current == &run_queues_[n]->idle || current.cpu_ == n);
  }
}

// --- sleeping with a timeout -----------------------------------------------------------------------------------------

bool Scheduler::schedule_until(Instant soft, Duration slack) {
  Task& task = current();
  if (soft == Instant::never()) {
    schedule();
    return true;
  }
  task.timed_out_ = false;
  LocalTimer& timer = local_timer();
  timer.start(task.timeout_, soft, slack);
  trace().emit(HrtimerStart{task.id_, soft, soft + slack});
  schedule();
  if (!task.timed_out_) {
    timer.cancel(task.timeout_);
    trace().emit(HrtimerCancel{task.id_});
  }
  return !task.timed_out_;
}

// Linux: kernel/time/hrtimer.c hrtimer_wakeup()
Restart Task::on_timeout() {
  timed_out_ = true;
  scheduler_->trace().emit(HrtimerExpire{id_});
  scheduler_->wake_up(
      *this);  // before any charge: who wakes it otherwise then finds it awake, not timed out and asleep
  scheduler_->cpu().charge(scheduler_->costs().hrtimer_fire);
  return Restart::kNo;
}

}  // namespace stackscope
