#include "kernel_model/hardware/local_timer.hpp"

#include <algorithm>

namespace stackscope {

LocalTimer::LocalTimer(Cpu& cpu, const Tick& tick, TickClient& client)
    : cpu_(cpu),
      tick_(tick),
      client_(client),
      wheel_(tick.hz(), tick.at(cpu.engine().now())),
      event_(Event::calling<&LocalTimer::on_hardware>(*this)),
      line_{IrqKind::kTimer, {}, this, [](void* self, Cpu&) {
              static_cast<LocalTimer*>(self)->on_interrupt();
            }} {}

void LocalTimer::start(Hrtimer& timer, Instant soft, Duration slack) {
  cpu_.charge(cpu_.costs().hrtimer_start);
  if (hrtimers_.start(timer, soft, slack)) program();
}

void LocalTimer::start_soft(Hrtimer& timer, Instant soft, Duration slack) {
  cpu_.charge(cpu_.costs().hrtimer_start);
  if (soft_hrtimers_.start(timer, soft, slack) && !are_soft_left_to_softirq_) program();
}

void LocalTimer::run_soft() {
  soft_hrtimers_.run_expired(cpu_.engine().now());
  are_soft_left_to_softirq_ = false;
  program();
}

void LocalTimer::cancel(Hrtimer& timer) { hrtimers_.cancel(timer); }

void LocalTimer::enter_idle() {
  is_idle_ = true;
  is_wheel_left_to_softirq_ = false;
  program();
}

void LocalTimer::leave_idle() {
  is_idle_ = false;
  next_tick_ = tick_.next_after(cpu_.engine().now());
  program();
}

Instant LocalTimer::next_due() {
  Instant timer = hrtimers_.next_event();
  if (!are_soft_left_to_softirq_) timer = std::min(timer, soft_hrtimers_.next_event());
  if (!is_idle_) return std::min(timer, next_tick_);
  if (is_wheel_left_to_softirq_) return timer;
  const auto expiry = wheel_.next_expiry();
  return expiry ? std::min(timer, tick_.of(*expiry)) : timer;
}

void LocalTimer::program() {
  Engine& engine = cpu_.engine();
  engine.cancel(event_);
  const Instant due = next_due();
  if (due != Instant::never()) engine.schedule(event_, std::max(due, engine.now()), Rank::timers());
}

void LocalTimer::on_hardware() { cpu_.raise(line_); }

// Linux runs the tick as one of the high-resolution timers; it comes last here among those due at once.
void LocalTimer::on_interrupt() {
  cpu_.charge(cpu_.costs().timer_interrupt);
  const Instant now = cpu_.engine().now();
  if (!are_soft_left_to_softirq_ && now >= soft_hrtimers_.next_event()) {
    are_soft_left_to_softirq_ = true;
    client_.on_soft_timers_due(cpu_);
  }
  hrtimers_.run_expired(now);
  if (!is_idle_ && now >= next_tick_) {
    next_tick_ = tick_.next_after(now);
    client_.on_tick(cpu_);
  }
  if (wheel_.softirq_due(tick_.at(now))) {
    is_wheel_left_to_softirq_ = true;
    client_.on_wheel_due(cpu_);
  }
  program();
}

}  // namespace stackscope
