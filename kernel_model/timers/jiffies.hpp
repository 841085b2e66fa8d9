#pragma once
// Jiffies: the kernel's coarse clock, one count a timer tick.
//
// Linux: include/linux/jiffies.h, kernel/time/time.c msecs_to_jiffies(), kernel/time/tick-sched.c
// Differs: only rates whose period is a whole number of nanoseconds (100, 250, 1000). HZ = 300 and 1024,
// which Linux
//          rounds and corrects through NTP, are refused. An architecture without that correction would not
//          notice.

#include <cassert>
#include <compare>
#include <cstdint>

#include "sim/time.hpp"

namespace stackscope {

/// Ticks in a second: CONFIG_HZ.
struct Hz {
  std::uint32_t value = 250;
  constexpr auto operator<=>(const Hz&) const = default;
};

/// A moment on the tick clock (the kernel's `jiffies`). A number of ticks is a plain std::uint64_t.
/// Both signs of a difference matter to the wheel, so `a - b` is signed.
struct Jiffies {
  std::uint64_t value = 0;

  constexpr auto operator<=>(const Jiffies&) const = default;
  constexpr Jiffies& operator+=(std::uint64_t ticks) { return value += ticks, *this; }
  friend constexpr Jiffies operator+(Jiffies j, std::uint64_t ticks) { return {j.value + ticks}; }
  friend constexpr Jiffies operator-(Jiffies j, std::uint64_t ticks) { return {j.value - ticks}; }
  friend constexpr std::int64_t operator-(Jiffies a, Jiffies b) {
    return static_cast<std::int64_t>(a.value - b.value);
  }
};

/// Linux: INITIAL_JIFFIES. Five minutes before the 32-bit wrap, so that mistakes with the wrap show early.
constexpr Jiffies initial_jiffies(Hz hz) {
  return {(std::uint64_t{1} << 32) - std::uint64_t{300} * hz.value};
}

/// Linux: MAX_JIFFY_OFFSET, the longest timeout that the kernel's conversions give ("forever").
inline constexpr std::uint64_t kMaxJiffyOffset = (std::uint64_t{INT64_MAX} >> 1) - 1;

/// Where the ticks lie in simulated time: `jiffies` becomes `start + n` at `phase + n` periods.
///
/// Invariant: at(of(j)) == j, and of(at(t)) <= t < of(at(t) + 1).
/// The phase says how the tick grid lies against the simulation's start; a scenario may set it, for what a
/// program measures (40, 44, 48 ms of delayed ACK) depends on it.
class Tick {
 public:
  constexpr Tick(Hz hz, Duration phase) : Tick(hz, phase, initial_jiffies(hz)) {}
  constexpr Tick(Hz hz, Duration phase, Jiffies start) : hz_(hz), phase_(phase), start_(start) {
    assert(hz.value == 100 || hz.value == 250 || hz.value == 1000);
    assert(phase >= Duration{} && phase < jiffy());
  }

  constexpr Hz hz() const { return hz_; }
  constexpr Duration phase() const { return phase_; }
  constexpr Duration jiffy() const { return Duration::ns(1'000'000'000 / hz_.value); }

  /// The instant at which `jiffies` becomes `j`.
  constexpr Instant of(Jiffies j) const { return Instant::at(phase_ + jiffy() * (j - start_)); }

  /// The value of `jiffies` at `t`; `start - 1` before the first tick.
  constexpr Jiffies at(Instant t) const {
    const std::int64_t into = (t.since_start() - phase_).count(), period = jiffy().count();
    const std::int64_t ticks = into >= 0 ? into / period : -((-into + period - 1) / period);
    return start_ + static_cast<std::uint64_t>(ticks);
  }

  /// The first tick after `t`.
  constexpr Instant next_after(Instant t) const { return of(at(t) + 1); }

  /// How many ticks cover `d`, rounded up; "forever" for a negative span.
  ///
  /// Linux: kernel/time/time.c msecs_to_jiffies(), usecs_to_jiffies(), timespec64_to_jiffies(): all round up.
  constexpr std::uint64_t from_duration(Duration d) const {
    if (d < Duration{}) return kMaxJiffyOffset;
    const std::int64_t period = jiffy().count(), whole = d.count() / period;
    return static_cast<std::uint64_t>(whole + (d.count() % period != 0));
  }

  constexpr Duration to_duration(std::uint64_t ticks) const {
    return jiffy() * static_cast<std::int64_t>(ticks);
  }

 private:
  Hz hz_;
  Duration phase_;
  Jiffies start_;
};

}  // namespace stackscope
