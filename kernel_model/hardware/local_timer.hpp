#pragma once
// A CPU's local timer: the tick, high-resolution timers and the timer wheel that hang on it.
//
// The hardware is programmed for the earliest of the next tick and the next high-resolution timer. The tick stops while
// the CPU is idle; then the earliest wheel timer takes its place. Soft timers are left by the interrupt to a softirq.
//
// Linux:     kernel/time/tick-sched.c tick_nohz_handler(), tick_nohz_idle_stop_tick(); kernel/time/hrtimer.c
//            hrtimer_interrupt(), hrtimer_run_softirq(); kernel/time/timer.c run_local_timers()
// Differs:   jiffies follow the clock even while all CPUs handle interrupts late; nobody can see it but in a
//            timer armed within that lateness.

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/timers/hrtimer.hpp"
#include "kernel_model/timers/timer_wheel.hpp"

namespace stackscope {

/// Who works at a tick: the scheduler, and softirqs for the wheel.
class TickClient {
 public:
  virtual ~TickClient() = default;
  virtual void on_tick(Cpu& cpu) = 0;
  virtual void on_wheel_due(Cpu& cpu) = 0;
  virtual void on_soft_timers_due(Cpu& cpu) = 0;
};

class LocalTimer {
 public:
  LocalTimer(Cpu& cpu, const Tick& tick, TickClient& client);
  LocalTimer(const LocalTimer&) = delete;
  LocalTimer& operator=(const LocalTimer&) = delete;

  const Tick& tick() const { return tick_; }
  Jiffies jiffies() const { return tick_.at(cpu_.engine().now()); }
  TimerWheel& wheel() { return wheel_; }

  /// Arms a timer on this CPU; it fires in hard interrupt context. REQUIRES: runs on this CPU.
  void start(Hrtimer& timer, Instant soft, Duration slack);
  void cancel(Hrtimer& timer);
  /// The same for a timer that fires in softirq context. Linux: HRTIMER_MODE_SOFT
  void start_soft(Hrtimer& timer, Instant soft, Duration slack);
  /// Fires those that are due. Linux: hrtimer_run_softirq()
  void run_soft();

  /// The tick stops, except for wheel timers; and goes on with the next jiffy.
  void enter_idle();
  void leave_idle();

  /// Wheel timers changed: an idle CPU may have to wake up earlier. Linux: wake_up_nohz_cpu() is only for other
  /// CPUs; our own is busy and has its tick.
  void program();

 private:
  void on_hardware();
  void on_interrupt();
  Instant next_due();

  Cpu& cpu_;
  const Tick& tick_;
  TickClient& client_;
  TimerWheel wheel_;
  HrtimerQueue hrtimers_, soft_hrtimers_;
  Event event_;
  IrqLine line_;
  Instant next_tick_;
  bool is_idle_ = true;
  bool are_soft_left_to_softirq_ = false;  // Linux: softirq_activated
  bool is_wheel_left_to_softirq_ = false;  // until the idle loop comes round again
};

}  // namespace stackscope
