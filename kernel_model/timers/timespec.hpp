#pragma once
// Times as programs give them.
//
// Linux: include/linux/ktime.h ktime_set(); include/linux/time64.h timespec64_valid()

#include <cstdint>
#include <ctime>

#include "sim/time.hpp"

namespace stackscope {

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// What CLOCK_REALTIME shows when a run begins: 2026-01-01 00:00:00 UTC, in every run.
inline constexpr Duration kRealtimeAtStart = Duration::s(1'767'225'600);

constexpr bool is_valid_time(const timespec& time) {
  return time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < kNanosecondsPerSecond;
}

/// What is too long becomes as long as can be. REQUIRES: is_valid_time().
constexpr Duration duration_of(const timespec& time) {
  if (time.tv_sec >= INT64_MAX / kNanosecondsPerSecond) return Duration::max();
  return Duration::ns(time.tv_sec * kNanosecondsPerSecond + time.tv_nsec);
}

/// REQUIRES: not negative.
constexpr timespec timespec_of(Duration time) {
  return {time.count() / kNanosecondsPerSecond, time.count() % kNanosecondsPerSecond};
}

/// As records tell a time: in nanoseconds. What is not valid is told as it would add up, in 64 bits.
constexpr std::int64_t ns_of(const timespec& time) {
  const auto sum =
      static_cast<std::uint64_t>(time.tv_sec) * static_cast<std::uint64_t>(kNanosecondsPerSecond) +
      static_cast<std::uint64_t>(time.tv_nsec);
  return static_cast<std::int64_t>(sum);
}

}  // namespace stackscope
