#pragma once
// A thread, as the kernel sees it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kernel_model/scheduler/fair.hpp"
#include "kernel_model/scheduler/realtime.hpp"
#include "kernel_model/timers/hrtimer.hpp"
#include "kernel_model/vocabulary/cpu_records.hpp"
#include "sim/fiber.hpp"

namespace stackscope {

class Scheduler;

/// A bit a CPU.
using CpuMask = std::uint64_t;
inline constexpr CpuMask kAnyCpu = ~CpuMask{0};

/// What a task is created with. Linux: kernel/sched/syscalls.c sched_setscheduler()
struct TaskAttributes {
  std::string comm;
  ProcessId process;
  SchedPolicy policy = SchedPolicy::kOther;
  std::uint8_t priority = 0;  // 1 to 99 for SCHED_FIFO and SCHED_RR
  int nice = 0;               // −20 to 19 for SCHED_OTHER
  CpuMask affinity = kAnyCpu;
  bool batch = false;  // SCHED_BATCH, which is kOther otherwise: does not preempt when it wakes
  std::size_t stack_bytes = 64 * 1024;  // for what runs on it; more makes it 1 MiB
};

/// Linux: include/linux/sched.h struct task_struct
class Task {
 public:
  Task(TaskId id, TaskAttributes attributes, std::function<void()> body);
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  TaskId id() const { return id_; }
  const TaskAttributes& attributes() const { return attributes_; }
  TaskState state() const { return state_; }
  bool is_realtime() const {
    return attributes_.policy == SchedPolicy::kFifo || attributes_.policy == SchedPolicy::kRoundRobin;
  }
  bool may_run_on(std::uint8_t cpu) const { return (attributes_.affinity >> cpu) & 1; }
  std::uint8_t cpu() const { return cpu_; }
  /// Also while it is about to sleep, and has not given the CPU away yet. Linux: on_rq
  bool is_on_rq() const { return is_on_rq_; }
  /// A signal that ends its process is on its way to it: sleeps in calls end early. Linux: fatal_signal_pending()
  bool has_fatal_signal() const { return has_fatal_signal_; }
  /// It ends, and no signal reaches it any more. Linux: PF_EXITING
  bool is_exiting() const { return is_exiting_; }
  /// It sleeps where a signal would end the sleep, and has given its CPU away. Linux: TASK_INTERRUPTIBLE
  bool is_blocked() const {
    return state_ == TaskState::kSleeping && is_interruptible_ && has_left_cpu_ && !watches_others_;
  }
  /// How many of its sleeps have ended. Linux: nvcsw, less one while it sleeps
  std::int64_t wakeups() const { return sleeps_ - (state_ == TaskState::kSleeping && has_left_cpu_ ? 1 : 0); }
  /// The system call that it is in; empty in user mode.
  std::string_view call() const { return call_; }
  void set_call(std::string_view call) { call_ = call; }
  /// Of schedule_until().
  const Hrtimer& timeout() const { return timeout_; }
  /// How late a timeout of this task may fire. Linux: timer_slack_ns
  Duration timer_slack() const { return default_timer_slack(is_realtime()); }

 private:
  friend class Scheduler;
  void apply_attributes();

  TaskId id_;
  TaskAttributes attributes_;
  std::function<void()> body_;
  std::unique_ptr<Fiber> fiber_;
  Scheduler* scheduler_ = nullptr;
  TaskState state_ = TaskState::kRunning;
  std::uint8_t cpu_ = 0;
  bool is_on_rq_ = false;
  bool timed_out_ = false;
  bool has_fatal_signal_ = false;
  bool is_interruptible_ = true;  // while it sleeps; Linux: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE
  bool is_exiting_ = false;
  bool has_left_cpu_ = false;    // switched out to sleep, and not yet back
  bool watches_others_ = false;  // in wait_until_blocked()
  std::int64_t sleeps_ = 0;
  Duration ran_;  // up to the last switch away from it; Linux: sum_exec_runtime
  Instant running_since_;
  std::string_view call_;
  RecordId woken_by_;  // what made it runnable; the cause of the switch to it
  Instant runnable_since_;
  FairEntity fair_;
  RealtimeEntity realtime_;
  Hrtimer timeout_;
  Restart on_timeout();
};

}  // namespace stackscope
