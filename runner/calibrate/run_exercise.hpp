#pragma once
// An exercise on either kernel, as SCHED_FIFO threads of one process; and how long its steps took.

#include <string>

#include "runner/calibrate/step_timer.hpp"
#include "runner/profile.hpp"

namespace stackscope {

class RealRunner;

/// On a host of two CPUs with these costs, without jitter.
StepTimes times_on_model(const Exercise& exercise, const Profile& profile);

/// On the kernel underneath, recorded as `verify` records. Nothing and `why_not` where that is refused.
StepTimes times_on_host(const Exercise& exercise, RealRunner& runner, std::string& why_not);

}  // namespace stackscope
