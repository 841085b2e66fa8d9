#include "kernel_model/files/schedule_timeout.hpp"

#include "kernel_model/timers/timer_wheel.hpp"

namespace stackscope {

namespace {

/// Linux: struct process_timer
struct Sleeper {
  Scheduler& scheduler;
  Task& task;
  void wake() { scheduler.wake_up(task); }
};

}  // namespace

std::uint64_t schedule_timeout(Scheduler& scheduler, std::uint64_t timeout) {
  if (timeout >= kMaxJiffyOffset) {
    scheduler.schedule();
    return timeout;
  }
  Sleeper sleeper{scheduler, scheduler.current()};
  WheelTimer timer = WheelTimer::calling<&Sleeper::wake>(sleeper);
  const Jiffies now = scheduler.local_timer().jiffies(), expires = now + timeout;
  scheduler.local_timer().wheel().arm(timer, expires, now);
  scheduler.schedule();
  if (timer.is_pending()) timer.wheel()->disarm(timer);
  const std::int64_t left = expires - scheduler.local_timer().jiffies();
  return left > 0 ? static_cast<std::uint64_t>(left) : 0;
}

}  // namespace stackscope
