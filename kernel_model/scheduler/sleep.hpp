#pragma once
// nanosleep(2): sleeping for its own sake.
//
// Linux:   kernel/time/hrtimer.c hrtimer_nanosleep(), do_nanosleep()
// Differs: no signals, so never cut short.

#include "sim/time.hpp"

namespace stackscope {

class Scheduler;

/// The current task sleeps at least this long, and up to its timer slack more. Real-time tasks have none.
/// REQUIRES: task context.
void sleep_for(Scheduler& scheduler, Duration time);

}  // namespace stackscope
