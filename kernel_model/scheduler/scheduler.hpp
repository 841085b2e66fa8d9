#pragma once
// Who runs where: the run queues of a host's CPUs, sleeping, waking and switching.
//
// A task sleeps as in Linux: it says that it is about to (`set_sleeping`), looks once more whether it still must, and
// calls `schedule()`. A wake-up in between makes it running again, and `schedule()` then returns at once: none is lost.
// A wake-up never runs the woken code; it makes a task runnable, and only `schedule()` switches.
//
// Linux:     kernel/sched/core.c __schedule(), try_to_wake_up(), ttwu_queue_wakelist(), resched_curr()
// Invariant: a CPU's current task is on its run queue or sleeping on its way out; a task is on at most one.
// Differs:   one scheduling domain whose CPUs share a cache; no groups, deadlines or cpufreq. Load for placement is the
//            number of runnable tasks. Who could notice: machines with more than one socket, containers with quotas.
// Differs:   with the built-in profile an interrupt reaches a CPU that runs something at once, 1.3 us after the decision to wake; on
//            the virtual machine measured for it that takes 16.5 us (a futex wake-up of a SCHED_FIFO thread, its CPU busy), of
//            which the sender spends 11. A profile by `stackscope calibrate` has what it takes (ipi_flight). Who could notice:
//            SCHED_FIFO threads that race on CPUs which other programs keep busy.

#include <cerrno>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/hardware/local_timer.hpp"
#include "kernel_model/scheduler/task.hpp"

namespace stackscope {

class Scheduler {
 public:
  /// `cpus` and `timers` are one a CPU and outlive this.
  Scheduler(std::span<const std::unique_ptr<Cpu>> cpus, std::span<const std::unique_ptr<LocalTimer>> timers,
            Hz hz);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();

  /// The CPU that executes this very code, and the task that it runs. Good until the next call that may switch.
  Cpu& cpu() { return *cpus_[engine_.moment().place.cpu]; }
  Task& current();
  Engine& engine() { return engine_; }
  Trace& trace() { return cpus_.front()->trace(); }
  const CpuCosts& costs() const { return cpus_.front()->costs(); }
  LocalTimer& local_timer() { return *timers_[cpu().number()]; }

  /// A new thread that will run `body` in kernel context, once it is woken. Charges nothing. May be called before the
  /// simulation runs. Linux: kernel/fork.c copy_process()
  Task& prepare(TaskAttributes attributes, std::function<void()> body);
  /// It is runnable now. Linux: wake_up_new_task()
  void wake_up_new(Task& task);
  /// Both. Linux: kernel_clone()
  Task& create(TaskAttributes attributes, std::function<void()> body) {
    Task& task = prepare(std::move(attributes), std::move(body));
    wake_up_new(task);
    return task;
  }

  /// The current task will sleep at its next schedule(), unless it is woken before. Linux: set_current_state()
  void set_sleeping() { set_sleeping(true); }
  /// The same, but no signal ends the sleep: for locks. Linux: TASK_UNINTERRUPTIBLE
  void set_sleeping_uninterruptibly() { set_sleeping(false); }
  void set_running() { current().state_ = TaskState::kRunning; }

  /// Whether the current task must not go on sleeping, since its process ends. Each loop of waiting in a call asks between
  /// set_sleeping() and schedule(), and ends the call with −EINTR; no program sees that. Linux: signal_pending()
  bool signal_pending() { return current().has_fatal_signal(); }

  /// Gives the CPU away where the current task sleeps or must make room; returns when it runs again, perhaps on another CPU.
  void schedule();

  /// The same, but at most until `soft` (plus slack). Returns false when the time ran out.
  /// REQUIRES: set_sleeping() before. Linux: kernel/time/sleep_timeout.c schedule_hrtimeout_range()
  bool schedule_until(Instant soft, Duration slack);

  /// Makes `task` runnable if it sleeps; returns whether it did. `sync` promises that the waker sleeps soon.
  bool wake_up(Task& task, bool sync = false);

  /// sched_yield(2). Linux: kernel/sched/syscalls.c do_sched_yield()
  void yield();

  /// sched_setaffinity(2) for the current task; moves it where it must. Returns −EINVAL if no CPU is left.
  int set_affinity(CpuMask mask);

  /// sched_setscheduler(2) for the current task, to valid values: `priority` 1 to 99 for real-time policies, 0 for others.
  /// Makes room on the way to user mode where others have precedence then.
  void set_scheduler(SchedPolicy policy, std::uint8_t priority, bool batch);

  /// The current task ends and never runs again. Linux: kernel/exit.c do_task_dead()
  [[noreturn]] void exit_current();

  // --- signals that end a process -----------------------------------------------------------------------------------

  /// Who ends the current task on its way to user mode, when a fatal signal is pending. It does not return.
  using FatalSignalHandler = void (*)(void* owner);
  void set_fatal_signal_handler(void* owner, FatalSignalHandler handler) {
    fatal_signal_owner_ = owner, fatal_signal_handler_ = handler;
  }
  /// `task` ends at its next way to user mode; a sleep that a signal may end is over. REQUIRES: task context.
  /// Linux: kernel/signal.c complete_signal(), signal_wake_up_state(); kernel/sched/core.c kick_process()
  void send_fatal_signal(Task& task);
  /// The current task begins to end: it takes no signals any more. Linux: kernel/signal.c exit_signals()
  void begin_exit();

  // --- for programs that make concurrency definite -------------------------------------------------------------------

  /// Sleeps until each of `tasks` is blocked or dead, or a signal is pending. Costs others nothing but a wake-up of the
  /// caller, by whoever takes over the CPU of the last of them. `tasks` stays valid meanwhile. REQUIRES: task context.
  void wait_until_blocked(std::span<const Task* const> tasks);
  /// The CPU time that a task took, this moment included. Linux: task_sched_runtime()
  Duration cpu_time(const Task& task) const;

  /// A point in a long system call at which another task may take over. Linux: cond_resched()
  void cond_resched();

  // --- called from below -------------------------------------------------------------------------------------------

  /// The scheduler's part of a tick. Linux: sched_tick()
  void tick(Cpu& cpu);
  /// On the way back to user mode; returns the CPU on which the current task goes on.
  Cpu& reschedule();
  /// On the same way, with a fatal signal pending: the current task ends here.
  void deliver_fatal_signal();

  /// The task that a CPU runs; its idle task has the identity 0.
  const Task& current_on(std::uint8_t cpu) const;
  const std::deque<std::unique_ptr<Task>>& tasks() const { return tasks_; }
  /// Asserts that each task is on one run queue or on none, as it says itself. For debug builds.
  void check_invariants() const;
  WaitQueueId new_wait_queue_id() { return wait_queue_ids_.next(); }
  WaiterId new_waiter_id() { return waiter_ids_.next(); }

 private:
  friend class Task;
  struct RunQueue;

  /// Somebody in wait_until_blocked().
  struct Watch {
    Task* watcher;
    std::span<const Task* const> tasks;
    bool is_over() const;
  };

  void set_sleeping(bool interruptible) {
    current().state_ = TaskState::kSleeping;
    current().is_interruptible_ = interruptible;
  }
  void tell_watchers();
  void switch_to(RunQueue& rq, Task& next);
  static void account_switch(RunQueue& rq, Task& previous, Task& next);
  void finish_switch();
  static void run_task(void* task);
  void idle_loop(RunQueue& rq);

  Task& pick_next(RunQueue& rq);
  void activate(RunQueue& rq, Task& task, bool is_new);
  void deactivate(RunQueue& rq, Task& task, bool sleeps);

  std::uint8_t select_cpu(const Task& task, bool sync);
  std::uint8_t select_cpu_for_new(const Task& task) const;
  std::uint8_t select_cpu_realtime(const Task& task) const;
  std::uint8_t select_cpu_fair(const Task& task, bool sync);
  std::uint8_t first_allowed(const Task& task) const;
  bool is_idle(std::uint8_t cpu) const;
  bool is_movable(const Task& task) const;
  void move(Task& task, std::uint8_t to);
  void enqueue_running(RunQueue& rq, Task& task, bool is_lowered);
  std::optional<std::uint8_t> lowest_for(const Task& task) const;
  void push_realtime(RunQueue& rq, const Task& next);
  bool pull_realtime(RunQueue& rq);
  bool pull_fair(RunQueue& rq);

  void queue_remotely(RunQueue& rq, Task& task);
  void take_remote_wakeups(RunQueue& rq);
  // Both: whether another CPU was interrupted, whose cost is the caller's to charge.
  [[nodiscard]] bool preempt_if_better(RunQueue& rq, Task& woken);
  [[nodiscard]] bool request_resched(RunQueue& rq);

  Engine& engine_;
  std::vector<Cpu*> cpus_;
  std::vector<LocalTimer*> timers_;
  StackPool stacks_{64 * 1024};
  StackPool large_stacks_{1024 * 1024};
  std::deque<std::unique_ptr<Task>> tasks_;
  Ordinals<TaskId> task_ids_;
  Ordinals<WaitQueueId> wait_queue_ids_;
  Ordinals<WaiterId> waiter_ids_;
  std::vector<std::unique_ptr<RunQueue>> run_queues_;
  std::vector<Watch> watches_;
  void* fatal_signal_owner_ = nullptr;
  FatalSignalHandler fatal_signal_handler_ = nullptr;
};

}  // namespace stackscope
