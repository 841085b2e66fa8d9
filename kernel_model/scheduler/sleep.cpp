#include "kernel_model/scheduler/sleep.hpp"

#include <cerrno>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

int sleep_for(Scheduler& scheduler, Duration time) {
  scheduler.cpu().charge(scheduler.costs().nanosleep);
  const Instant since = scheduler.engine().now();
  const Instant until = time > Instant::never() - since ? Instant::never() : since + time;
  bool in_time = true;
  while (in_time && !scheduler.signal_pending()) {  // whoever else wakes does not end it
    scheduler.set_sleeping();
    in_time = scheduler.schedule_until(until, scheduler.current().timer_slack());
  }
  scheduler.set_running();
  scheduler.trace().emit(Waited{WaitReason::kTime, since, scheduler.current().id(), {}});
  return in_time ? -EINTR : 0;
}

}  // namespace stackscope
