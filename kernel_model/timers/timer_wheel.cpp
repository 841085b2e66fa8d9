#include "kernel_model/timers/timer_wheel.hpp"

#include <bit>
#include <cassert>

#include "sim/check_in_debug.hpp"

namespace stackscope {

namespace {

// Linux: TIMER_NEXT_MAX_DELTA, how far ahead an empty wheel looks.
constexpr std::uint64_t kNextMaxDelta = (std::uint64_t{1} << 30) - 1;

/// How many buckets after `from` the next occupied one lies, going round; nothing where all are empty.
/// Linux: next_pending_bucket()
std::optional<unsigned> next_occupied(std::uint64_t pending, std::uint64_t from) {
  if (pending == 0) return std::nullopt;
  return static_cast<unsigned>(std::countr_zero(std::rotr(pending, static_cast<int>(from % 64))));
}

}  // namespace

TimerWheel::TimerWheel(Hz hz, Jiffies now)
    : levels_(hz.value > 100 ? 9 : 8), clk_(now), next_expiry_(now + kNextMaxDelta) {}

TimerWheel::Slot TimerWheel::slot_in(unsigned level, Jiffies expires) {
  // One more than the division gives: rounding up, and the whole grain on top where `expires` lies on an
  // edge, because the timer may have been armed just before a tick.
  const std::uint64_t bucket = (expires.value >> (level * kGrainShift)) + 1;
  return {{bucket << (level * kGrainShift)},
          static_cast<std::uint16_t>(level * kBuckets + bucket % kBuckets)};
}

TimerWheel::Slot TimerWheel::slot_for(Jiffies expires, Jiffies clk) const {
  const std::int64_t delta = expires - clk;
  if (delta < 0) return {clk, static_cast<std::uint16_t>(clk.value % kBuckets)};  // already past: at once
  const auto timeout = static_cast<std::uint64_t>(delta);
  for (unsigned level = 0; level < levels_; ++level) {
    if (timeout < level_end(level)) return slot_in(level, expires);
  }
  return slot_in(levels_ - 1, clk + capacity());
}

/// A wheel that nobody ran for a while (its CPU was idle, or nothing was due) lags behind `now`. A new timer
/// must be placed from where time is, or its grain would be too coarse; but never past a bucket that is still
/// to be collected. Linux: forward_timer_base()
void TimerWheel::forward(Jiffies now) {
  if (now - clk_ < 1) return;  // up to date, or running callbacks (then clk is one ahead)
  clk_ = next_expiry_ > now ? now : next_expiry_;
}

void TimerWheel::enqueue(WheelTimer& timer, Slot slot) {
  WheelTimer*& head = buckets_[slot.index];
  timer.next_ = head;
  if (head) head->link_ = &timer.next_;
  head = &timer;
  timer.link_ = &head;
  timer.index_ = slot.index;
  timer.wheel_ = this;
  pending_[slot.index / kBuckets] |= std::uint64_t{1} << (slot.index % kBuckets);
  if (slot.bucket_expiry < next_expiry_) {
    next_expiry_ = slot.bucket_expiry;
    timers_pending_ = true;
    recalculate_ = false;
  }
}

void TimerWheel::detach(WheelTimer& timer) {
  WheelTimer*& head = buckets_[timer.index_];
  // A timer that was collected but has not fired yet hangs in another list, and its bucket is empty already.
  if (timer.link_ == &head && timer.next_ == nullptr) {
    pending_[timer.index_ / kBuckets] &= ~(std::uint64_t{1} << (timer.index_ % kBuckets));
    recalculate_ = true;
  }
  *timer.link_ = timer.next_;
  if (timer.next_) timer.next_->link_ = timer.link_;
  timer.next_ = nullptr;
  timer.link_ = nullptr;
}

TimerWheel::Armed TimerWheel::arm(WheelTimer& timer, Jiffies expires, Jiffies now) {
  const bool was_elsewhere = timer.is_pending() && timer.wheel_ != this;
  if (was_elsewhere) timer.wheel_->detach(timer);  // Linux: a timer moves to the base of the CPU that arms it
  const bool was_pending = timer.is_pending();
  if (was_pending && timer.expires_ == expires) return {true, false, {expires, timer.index_}};
  forward(now);
  const Slot slot = slot_for(expires, clk_);
  timer.expires_ = expires;
  if (was_pending) {
    if (slot.index == timer.index_) return {true, false, slot};
    detach(timer);
  }
  enqueue(timer, slot);
  check_in_debug(*this);
  return {was_pending || was_elsewhere, true, slot};
}

bool TimerWheel::disarm(WheelTimer& timer) {
  if (!timer.is_pending()) return false;
  timer.wheel_->detach(timer);
  check_in_debug(*timer.wheel_);
  return true;
}

std::optional<Jiffies> TimerWheel::next_expiry() {
  if (recalculate_) recalculate();
  if (!timers_pending_) return std::nullopt;
  return next_expiry_;
}

/// Linux: timer_recalc_next_expiry()
void TimerWheel::recalculate() {
  const Jiffies none = clk_ + kNextMaxDelta;
  Jiffies next = none;
  std::uint64_t clk = clk_.value;
  for (unsigned level = 0; level < levels_; ++level) {
    const std::uint64_t into_next = clk % grain(1);
    if (const auto away = next_occupied(pending_[level], clk)) {
      const Jiffies at{(clk + *away) << (level * kGrainShift)};
      if (at < next) next = at;
      // It fires before the next level's clock advances, so nothing up there can be earlier.
      if (*away <= (grain(1) - into_next) % grain(1)) break;
    }
    clk = (clk >> kGrainShift) + (into_next != 0);  // the next level is looked at from its next edge
  }
  next_expiry_ = next;
  recalculate_ = false;
  timers_pending_ = next != none;
}

/// Takes the buckets that are due at `next_expiry_` out of the wheel, finest level first. Returns how many.
/// Linux: collect_expired_timers()
unsigned TimerWheel::collect(Heads& heads) {
  clk_ = next_expiry_;
  std::uint64_t clk = clk_.value;
  unsigned found = 0;
  for (unsigned level = 0; level < levels_; ++level) {
    const std::uint64_t bucket = clk % kBuckets, bit = std::uint64_t{1} << bucket;
    if (pending_[level] & bit) {
      pending_[level] &= ~bit;
      WheelTimer*& head = buckets_[level * kBuckets + bucket];
      heads[found] = head;
      head->link_ = &heads[found];
      head = nullptr;
      ++found;
    }
    if (clk % grain(1) != 0) break;  // not on an edge of the next level
    clk >>= kGrainShift;
  }
  return found;
}

/// Linux: expire_timers()
void TimerWheel::fire_all(WheelTimer*& head) {
  while (head) {
    WheelTimer& timer = *head;
    head = timer.next_;
    if (head) head->link_ = &head;
    timer.next_ = nullptr;
    timer.link_ = nullptr;
    timer.fire_(timer.owner_);
  }
}

void TimerWheel::run_expired(Jiffies now) {
  while (now >= clk_ && now >= next_expiry_) {
    Heads heads{};
    unsigned found = collect(heads);
    clk_ += 1;  // one ahead, so that a callback that arms for "now" is not run again and again
    recalculate();
    while (found > 0) fire_all(heads[--found]);
    check_in_debug(*this);
  }
}

// Of a bucket with very many timers the first ones: each arming comes by here.
void TimerWheel::check_invariants() const {
  constexpr int kMostPerBucket = 64;
  for (std::uint16_t index = 0; index < buckets_.size(); ++index) {
    const bool is_marked = (pending_[index / kBuckets] >> (index % kBuckets) & 1) != 0;
    assert(is_marked == (buckets_[index] != nullptr) && "a bit where a bucket holds a timer");
    const WheelTimer* const* link = &buckets_[index];
    int left = kMostPerBucket;
    for (const WheelTimer* timer = *link; timer != nullptr && left-- > 0; timer = timer->next_) {
      assert(timer->link_ == link && timer->wheel_ == this && timer->index_ == index);
      link = &timer->next_;
    }
  }
}

}  // namespace stackscope
