#pragma once
// The engine: one clock, one total order of events, one thread.
//
// Events are ordered by (time, rank, sequence). At equal times hardware comes first, then timers, then CPUs
// by host and number; among equals the one scheduled first. A CPU that charges itself for work moves the
// clock without an event where nothing else is due before (`advance`), which is the same order by
// construction.

#include <cassert>
#include <cstdint>

#include "sim/event.hpp"
#include "sim/moment.hpp"
#include "sim/time.hpp"
#include "sim/timing_wheel.hpp"

namespace stackscope {

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Instant now() const { return moment_.now; }
  Moment& moment() { return moment_; }

  /// `event` will fire at `at`, after everything that is already scheduled for the same (time, rank). It
  /// carries the present cause. REQUIRES: not pending; `at` is not in the past.
  void schedule(Event& event, Instant at, Rank rank) {
    assert(at >= moment_.now);
    event.due_ = Due{at, rank};
    event.cause_ = moment_.cause;
    wheel_.insert(event);
  }

  /// The event is removed at once; nothing happens if it is not pending.
  void cancel(Event& event) {
    if (event.is_pending()) wheel_.remove(event);
  }

  bool is_idle() const { return wheel_.is_empty(); }

  /// When the next event is due; Instant::never() if there is none.
  const Due& next_due() { return wheel_.earliest(); }

  /// Moves the clock within a fiber's charge. REQUIRES: nothing is due before or at `to`.
  void advance(Instant to) { moment_.now = to; }

  /// Fires the next event. REQUIRES: there is one.
  void step() {
    Event& event = wheel_.pop();
    moment_.now = event.due_.at;
    moment_.cause = event.cause_;
    ++fired_;
    event.fire_(event.owner_);
  }

  /// Fires what is due up to and including `until`, then sets the clock to it. REQUIRES: `until` is not in the past.
  void run_until(Instant until) {
    schedule(stop_, until, Rank::last());  // so that no charge passes it without an event
    for (is_stopped_ = false; !is_stopped_;) step();
  }

  /// Makes a charge that would pass `at` stop there for an event that does nothing. REQUIRES: as schedule().
  void stop_at(Instant at) {
    cancel(stop_);
    schedule(stop_, at, Rank::last());
  }

  /// Events fired so far: a measure of work, not part of any fingerprint.
  std::uint64_t fired() const { return fired_; }

 private:
  void on_stop() {
    is_stopped_ = true;
    moment_.place = {};  // whoever looks now is nowhere in particular
    moment_.cause = {};
  }

  TimingWheel wheel_;
  Moment moment_;
  std::uint64_t fired_ = 0;
  bool is_stopped_ = false;
  Event stop_ = Event::calling<&Engine::on_stop>(*this);
};

}  // namespace stackscope
