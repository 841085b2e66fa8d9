#include "kernel_model/scheduler/sleep.hpp"

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

void sleep_for(Scheduler& scheduler, Duration time) {
  scheduler.cpu().charge(scheduler.costs().nanosleep);
  const Instant since = scheduler.engine().now();
  const Instant until = time > Instant::never() - since ? Instant::never() : since + time;
  bool in_time = true;
  while (in_time) {  // only the timer ends it, whoever else wakes
    scheduler.set_sleeping();
    in_time = scheduler.schedule_until(until, scheduler.current().timer_slack());
  }
  scheduler.set_running();
  scheduler.trace().emit(Waited{WaitReason::kTime, since, scheduler.current().id(), {}});
}

}  // namespace stackscope
