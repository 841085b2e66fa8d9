#pragma once
// Looking at threads from outside, through /proc: does one sleep, and how often has it.
//
// Linux: fs/proc/base.c proc_pid_syscall(), which answers only for a thread that is off its CPU; fs/proc/array.c
//        proc_task_name(), task_state(), task_context_switch_counts()

#include <cstdint>
#include <optional>
#include <span>

#include "measure/arena.hpp"

namespace stackscope {

/// What /proc says of a thread.
struct ThreadLook {
  bool exists = false;  // and is no zombie
  bool sleeps = false;  // off its CPU, waiting, with no wake-up under way
  std::int64_t voluntary_switches = 0;
};
ThreadLook look_at(const ThreadSlot& slot);

/// Whether each of these sleeps in a call of its own, or has ended: looked at twice, with nothing moved between.
bool are_all_blocked(const Arena& arena, std::span<const std::uint32_t> slots);

/// Sleeps in its own calls that have ended.
std::int64_t wakeups_of(const Arena& arena, const ThreadSlot& slot);

}  // namespace stackscope
