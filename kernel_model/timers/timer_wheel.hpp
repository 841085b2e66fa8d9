#pragma once
// The timer wheel: cheap, coarse timeouts, most of which are cancelled before they fire (retransmission,
// delayed ACK, TIME_WAIT, keepalive).
//
// Nine levels (eight at HZ 100) of 64 buckets; each level's grain is eight times the one below. A timer is
// put once into the bucket in which it will fire and never moves down: no cascading. So that it is never
// early, its expiry is rounded up to the next edge of its level's grain, and never to the edge on which it
// may lie already: a timer for ten jiffies fires with the eleventh tick, one for 250 up to eight jiffies
// late.
//
// Linux:     kernel/time/timer.c
// Invariant: a pending timer's bucket lies at or after `clk`; a level's bit is set where its bucket holds a timer.
// Differs:   one base a wheel. Linux has three a CPU (local, global, deferrable); make one for each that is needed. The
//            timer migration hierarchy, which runs an idle CPU's global timers elsewhere, is not here: a
//            timer fires on the CPU that armed it. Who could notice: idle CPUs of a machine with many.
// Differs:   del_timer_sync()'s waiting for a callback on another CPU is the caller's business.
// Units:     jiffies. Errors: none; asserts on misuse.

#include <array>
#include <cstdint>
#include <optional>

#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

class TimerWheel;

/// A timeout. Lives inside its owner: arming allocates nothing. A pending timer must not be destroyed while
/// its wheel goes on turning.
///
/// Linux: include/linux/timer_types.h struct timer_list
class WheelTimer {
 public:
  /// A timer that calls `owner.Method()`.
  template <auto Method, class Owner>
  static WheelTimer calling(Owner& owner) {
    return WheelTimer{&owner, [](void* self) { (static_cast<Owner*>(self)->*Method)(); }};
  }
  WheelTimer(void* owner, void (*fire)(void*)) : owner_(owner), fire_(fire) {}
  WheelTimer(const WheelTimer&) = delete;
  WheelTimer& operator=(const WheelTimer&) = delete;

  /// Linux: timer_pending(). False while its own callback runs.
  bool is_pending() const { return link_ != nullptr; }
  /// What was asked for; it fires later than this, by up to a grain.
  Jiffies expires() const { return expires_; }
  /// The level of the wheel on which it lies. REQUIRES: pending.
  unsigned level() const { return index_ / 64; }
  /// The wheel on which it was armed last; null before the first time.
  TimerWheel* wheel() const { return wheel_; }

 private:
  friend class TimerWheel;

  WheelTimer* next_ = nullptr;
  TimerWheel* wheel_ = nullptr;  // the one armed last
  WheelTimer** link_ = nullptr;  // what points at this timer; null where it is not pending
  Jiffies expires_;
  std::uint16_t index_ = 0;  // level * 64 + bucket
  void* owner_;
  void (*fire_)(void*);
};

class TimerWheel {
 public:
  static constexpr unsigned kBucketBits = 6;  // LVL_BITS
  static constexpr unsigned kBuckets = 1u << kBucketBits;
  static constexpr unsigned kGrainShift = 3;  // LVL_CLK_SHIFT: each level is eight times coarser
  static constexpr unsigned kMaxLevels = 9;   // LVL_DEPTH

  /// Where a timer is put: the jiffy at which its bucket is collected, and level * 64 + bucket.
  struct Slot {
    Jiffies bucket_expiry;
    std::uint16_t index;
    constexpr bool operator==(const Slot&) const = default;
  };
  /// What arming did. `slot` is meant for an `enqueued` timer, which is one that the kernel traces
  /// (timer:timer_start).
  struct Armed {
    bool was_pending;
    bool enqueued;
    Slot slot;
  };

  TimerWheel(Hz hz, Jiffies now);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Arms `timer` for `expires`, or moves it there where it is pending already. A pending timer whose bucket
  /// does not change stays in its place, and so keeps its turn.
  ///
  /// Linux: __mod_timer() without options
  Armed arm(WheelTimer& timer, Jiffies expires, Jiffies now);

  /// Returns whether it was pending, on whichever wheel. Linux: timer_delete()
  bool disarm(WheelTimer& timer);

  /// The next jiffy at which a bucket must be collected; nothing where no timer is pending.
  ///
  /// Linux: fetch_next_timer_interrupt()
  std::optional<Jiffies> next_expiry();

  /// Whether the tick raises TIMER_SOFTIRQ. True once for nothing after the earliest timer was deleted, as in
  /// Linux.
  ///
  /// Linux: run_local_timers()
  bool softirq_due(Jiffies now) const { return now >= next_expiry_; }

  /// Fires what is due at `now`: bucket by bucket in time, the coarsest level first, in a bucket last armed
  /// first. Callbacks may arm and disarm any timer.
  ///
  /// Linux: __run_timers()
  void run_expired(Jiffies now);

  /// The bucket for a timer armed when the wheel stands at `clk`.
  ///
  /// Linux: calc_wheel_index(), calc_index()
  Slot slot_for(Jiffies expires, Jiffies clk) const;

  /// Asserts what the headers say always holds. For debug builds.
  void check_invariants() const;

  Jiffies clk() const { return clk_; }
  unsigned levels() const { return levels_; }
  /// Linux: LVL_GRAN
  static constexpr std::uint64_t grain(unsigned level) { return std::uint64_t{1} << (level * kGrainShift); }
  /// Timeouts from here on are cut to capacity(). Linux: WHEEL_TIMEOUT_CUTOFF
  std::uint64_t cutoff() const { return level_end(levels_ - 1); }
  /// Linux: WHEEL_TIMEOUT_MAX
  std::uint64_t capacity() const { return cutoff() - grain(levels_ - 1); }

 private:
  using Heads = std::array<WheelTimer*, kMaxLevels>;

  /// The first timeout that no longer fits `level`. Linux: LVL_START(level + 1)
  static constexpr std::uint64_t level_end(unsigned level) {
    return std::uint64_t{kBuckets - 1} << (level * kGrainShift);
  }
  static Slot slot_in(unsigned level, Jiffies expires);
  void forward(Jiffies now);
  void enqueue(WheelTimer& timer, Slot slot);
  void detach(WheelTimer& timer);
  unsigned collect(Heads& heads);
  static void fire_all(WheelTimer*& head);
  void recalculate();

  unsigned levels_;
  Jiffies clk_;  // the next jiffy whose buckets are to be collected
  Jiffies next_expiry_;
  bool recalculate_ = false;  // next_expiry_ may be too early: its last timer was deleted
  bool timers_pending_ = false;
  std::array<std::uint64_t, kMaxLevels> pending_{};  // a bit for each bucket that is not empty
  std::array<WheelTimer*, kMaxLevels * kBuckets> buckets_{};
};

}  // namespace stackscope
