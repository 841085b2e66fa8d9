#pragma once
// nanosleep(2): sleeping for its own sake.
//
// Linux:   kernel/time/hrtimer.c hrtimer_nanosleep(), do_nanosleep()

#include "sim/time.hpp"

namespace stackscope {

class Scheduler;

/// The current task sleeps at least this long, and up to its timer slack more. Real-time tasks have none.
/// Returns 0, or −EINTR where a signal ended it. REQUIRES: task context.
int sleep_for(Scheduler& scheduler, Duration time);

}  // namespace stackscope
