#include "kernel_model/timers/hrtimer.hpp"

#include <algorithm>
#include <cassert>

namespace stackscope {

namespace {

/// Linux: ktime_add_safe(): a sum that would overflow is "never".
Instant add_safe(Instant t, Duration d) {
  return t.count() > INT64_MAX - d.count() ? Instant::never() : t + d;
}

}  // namespace

std::uint64_t Hrtimer::forward(Instant now, Duration interval) {
  assert(!is_queued());
  const Duration late = now - hard_;
  if (late < Duration{}) return 0;
  interval = std::max(interval, Duration::ns(1));
  const std::int64_t periods = late / interval + 1;
  soft_ = add_safe(soft_, interval * periods);
  hard_ = add_safe(hard_, interval * periods);
  return static_cast<std::uint64_t>(periods);
}

bool HrtimerQueue::start(Hrtimer& timer, Instant soft, Duration slack) {
  assert(slack >= Duration{});
  cancel(timer);
  timer.soft_ = soft;
  timer.hard_ = add_safe(soft, slack);
  return enqueue(timer);
}

bool HrtimerQueue::restart(Hrtimer& timer) {
  cancel(timer);
  return enqueue(timer);
}

bool HrtimerQueue::cancel(Hrtimer& timer) {
  if (!timer.is_queued()) return false;
  queue_.erase(queue_.iterator_to(timer));
  return true;
}

bool HrtimerQueue::enqueue(Hrtimer& timer) {
  const auto place = queue_.insert(timer);  // behind its equals
  return place == queue_.begin();
}

/// Linux: __run_hrtimer()
void HrtimerQueue::run(Hrtimer& timer) {
  queue_.erase(queue_.iterator_to(timer));
  timer.running_ = true;
  const Restart answer = timer.fire_(timer.owner_);
  // The callback may have started it itself; then that stands.
  if (answer == Restart::kYes && !timer.is_queued()) enqueue(timer);
  timer.running_ = false;
}

std::size_t HrtimerQueue::run_expired(Instant now) {
  std::size_t fired = 0;
  while (!queue_.empty() && queue_.begin()->soft_ <= now) {
    run(*queue_.begin());
    ++fired;
  }
  return fired;
}

Duration select_estimate_accuracy(Duration left, Duration task_slack, int nice) {
  constexpr Duration kMaxSlack = Duration::ms(100);
  if (task_slack == Duration{}) return Duration{};
  const std::int64_t share = nice > 0 ? 200 : 1000;
  const Duration estimate = left < Duration{} ? Duration{} : std::min(left / share, kMaxSlack);
  return std::max(estimate, task_slack);
}

}  // namespace stackscope
