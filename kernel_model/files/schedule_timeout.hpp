#pragma once
// Sleeping for so many jiffies at most.

#include <cstdint>

#include "kernel_model/scheduler/scheduler.hpp"

namespace stackscope {

/// The current task sleeps until it is woken, or for `timeout` jiffies on the timer wheel of its CPU; returns how many were
/// left, 0 where none were. kMaxJiffyOffset is for ever. REQUIRES: set_sleeping() before.
///
/// Linux: kernel/time/sleep_timeout.c schedule_timeout()
std::uint64_t schedule_timeout(Scheduler& scheduler, std::uint64_t timeout);

}  // namespace stackscope
