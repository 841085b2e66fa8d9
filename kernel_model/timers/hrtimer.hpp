#pragma once
// High-resolution timers: exact expiries, in nanoseconds, with a range in which each may fire.
//
// A timer has a soft expiry (not before) and a hard one (soft + slack). The clock event is programmed for the
// earliest *hard* expiry; when it arrives, whatever is past its *soft* expiry fires along, so that one
// interrupt serves several. The walk is in the order of hard expiries and stops at the first timer whose soft
// expiry lies ahead, even if a later one is due.
//
// Linux:     kernel/time/hrtimer.c __hrtimer_run_queues(), hrtimer_interrupt(); lib/timerqueue.c
// Invariant: a queued timer's soft expiry is at most its hard one; equal hard expiries fire in the order of arming.
// Differs:   one clock base a queue. Linux keeps eight a CPU (four clocks, hard and soft interrupt context); make one for
//            each context that is needed. Clocks differ by offsets only, so CLOCK_MONOTONIC serves all.
// Differs:   the interrupt's three retries and its hang detection belong to whoever programs the clock event.
//            Who could notice: a machine whose timers take longer than their periods.

#include <boost/intrusive/set.hpp>
#include <cstddef>
#include <cstdint>

#include "sim/time.hpp"

namespace stackscope {

/// What a timer's function answers. Linux: enum hrtimer_restart
enum class Restart : std::uint8_t { kNo, kYes };

/// Lives inside its owner: starting allocates nothing. A queued timer must not be destroyed while its queue
/// runs on.
class Hrtimer
    : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// A timer that calls `owner.Method()`, which returns a Restart. Before kYes it must forward() the timer.
  template <auto Method, class Owner>
  static Hrtimer calling(Owner& owner) {
    return Hrtimer{&owner, [](void* self) { return (static_cast<Owner*>(self)->*Method)(); }};
  }
  Hrtimer(void* owner, Restart (*fire)(void*)) : owner_(owner), fire_(fire) {}
  Hrtimer(const Hrtimer&) = delete;
  Hrtimer& operator=(const Hrtimer&) = delete;

  /// Linux: hrtimer_is_queued(). False while its own callback runs.
  bool is_queued() const { return is_linked(); }
  /// Linux: hrtimer_active()
  bool is_active() const { return is_linked() || running_; }
  Instant soft_expiry() const { return soft_; }
  Instant hard_expiry() const { return hard_; }

  /// Moves the expiry past `now` by whole intervals; returns by how many (0 where it still lies ahead). Both
  /// expiries move. An interval below a nanosecond counts as one.
  /// REQUIRES: not queued.
  ///
  /// Linux: hrtimer_forward()
  std::uint64_t forward(Instant now, Duration interval);

  friend bool operator<(const Hrtimer& a, const Hrtimer& b) { return a.hard_ < b.hard_; }

 private:
  friend class HrtimerQueue;

  Instant soft_;
  Instant hard_;
  bool running_ = false;
  void* owner_;
  Restart (*fire_)(void*);
};

class HrtimerQueue {
 public:
  HrtimerQueue() = default;
  ~HrtimerQueue() { queue_.clear(); }
  HrtimerQueue(const HrtimerQueue&) = delete;
  HrtimerQueue& operator=(const HrtimerQueue&) = delete;

  /// Starts `timer`, or moves it where it is queued (behind its equals, then). Returns whether it is now the
  /// first, which is when the clock event must be programmed again. An expiry in the past is allowed.
  ///
  /// Linux: hrtimer_start_range_ns()
  bool start(Hrtimer& timer, Instant soft, Duration slack = Duration{});

  /// Starts it with the expiries it has. Linux: hrtimer_restart()
  bool restart(Hrtimer& timer);

  /// Returns whether it was queued. Linux: hrtimer_try_to_cancel()
  bool cancel(Hrtimer& timer);

  /// The earliest hard expiry, or never(). Linux: __hrtimer_next_event_base()
  Instant next_event() const { return queue_.empty() ? Instant::never() : queue_.begin()->hard_; }

  /// Fires what may fire at `now`; returns how many callbacks ran. Linux: __hrtimer_run_queues()
  std::size_t run_expired(Instant now);

  bool empty() const { return queue_.empty(); }

 private:
  bool enqueue(Hrtimer& timer);
  void run(Hrtimer& timer);

  boost::intrusive::multiset<Hrtimer, boost::intrusive::constant_time_size<false>> queue_;
};

/// How late a timeout of a task may fire. 50 us unless prctl(PR_SET_TIMERSLACK) says otherwise; none for
/// real-time.
///
/// Linux: init/init_task.c timer_slack_ns; kernel/sched/syscalls.c __setscheduler_params()
constexpr Duration default_timer_slack(bool realtime) { return realtime ? Duration{} : Duration::us(50); }

/// How much slack select, poll and epoll_wait take for a timeout that ends in `left`: a thousandth of it,
/// half a percent for a task that is nice, at most 100 ms and at least the task's own slack. None for a task
/// without slack.
///
/// Linux: fs/select.c select_estimate_accuracy(), __estimate_accuracy()
Duration select_estimate_accuracy(Duration left, Duration task_slack, int nice);

}  // namespace stackscope
