#include "kernel_model/files/timerfd.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/epoll.h>

#include "kernel_model/files/wait_in_file.hpp"
#include "kernel_model/timers/timespec.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

bool is_realtime(int clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM; }

}  // namespace

bool Timerfd::is_clock(int clock) {
  return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM ||
         clock == CLOCK_BOOTTIME || clock == CLOCK_BOOTTIME_ALARM;
}

bool Timerfd::is_valid(const itimerspec& value) {
  return is_valid_time(value.it_interval) && is_valid_time(value.it_value);
}

Timerfd::Timerfd(FileId id, int clock, int flags, Scheduler& scheduler, const FileCosts& costs)
    : File(id, FileKind::kTimerfd, O_RDWR | (flags & TFD_NONBLOCK)),
      scheduler_(scheduler),
      costs_(costs),
      ahead_(is_realtime(clock) ? kRealtimeAtStart : Duration{}),
      is_alarm_(clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM),
      timer_(Hrtimer::calling<&Timerfd::on_expiry>(*this)),
      waiting_(scheduler) {}

// --- what the program asks -------------------------------------------------------------------------------------------

// An alarm that is disarmed keeps its last expiry, and gettime() goes on telling what would be left of it.
// Linux: do_timerfd_settime(), timerfd_setup(); kernel/time/alarmtimer.c alarm_init() sets no expiry
void Timerfd::settime(int flags, const itimerspec& value, itimerspec* old) {
  Cpu& before = scheduler_.cpu();
  before.charge(costs_.timerfd_settime);
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_and_cancel(cpu);
  const Instant now = scheduler_.engine().now();
  if (expired_ && interval_) {
    timer_.forward(now, interval_);
    expires_ = timer_.hard_expiry();
  }
  if (old != nullptr) *old = left();
  const Duration time = duration_of(value.it_value);
  expired_ = false;
  interval_ = duration_of(value.it_interval);
  if (!MUTANT("settime keeps old ticks")) change(0, Instant::never());
  if (time) {
    const Duration most = Instant::never() - now;
    const bool is_absolute = (flags & TFD_TIMER_ABSTIME) != 0;
    start(is_absolute ? Instant::at(std::max(time - ahead_, Duration{})) : now + std::min(time, most));
    change(0, expires_);
  } else if (!is_alarm_) {
    expires_ = Instant{};
  }
  lock_.unlock(cpu);
}

void Timerfd::gettime(itimerspec& value) {
  scheduler_.cpu().charge(costs_.timerfd_gettime);
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_.lock(cpu);
  if (expired_ && interval_) {
    const std::uint64_t missed = catch_up();
    change(ticks_ + missed, expires_);
  }
  value = left();
  lock_.unlock(cpu);
}

Events Timerfd::poll(PollTable* table) {
  if (table != nullptr) table->wait_on(*this, waiting_);
  scheduler_.cpu().charge(costs_.timerfd_poll);
  return ticks_ > 0 ? EPOLLIN : Events{0};
}

std::int64_t Timerfd::read(Buffer to) {
  if (to.size < sizeof ticks_) return -EINVAL;
  scheduler_.cpu().charge(costs_.timerfd_read);
  for (;;) {
    const int error = wait_in_file(*this, waiting_, WaitReason::kData, [this] { return ticks_ > 0; });
    if (error != 0) return error;
    const std::uint64_t taken = take();
    if (taken == 0) continue;  // another one was faster while this one took the lock
    if (to.data != nullptr) std::memcpy(to.data, &taken, sizeof taken);
    return sizeof taken;
  }
}

void Timerfd::release() {
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_and_cancel(cpu);
  lock_.unlock(cpu);
}

// --- the timer -------------------------------------------------------------------------------------------------------

// The lock first: whoever finds the timer's function running then only has to wait for the lock.
Restart Timerfd::on_expiry() {
  Cpu& cpu = scheduler_.cpu();
  scheduler_.trace().emit(HrtimerExpire{});
  lock_.lock(cpu);
  cpu.charge(cpu.costs().hrtimer_fire);
  expired_ = true;
  change(ticks_ + 1, Instant::never());
  waiting_.wake_up(EPOLLIN);
  lock_.unlock(cpu);
  return Restart::kNo;
}

/// Returns with the lock held and the timer neither queued nor running.
/// Linux: the loop around hrtimer_try_to_cancel() in do_timerfd_settime()
void Timerfd::lock_and_cancel(Cpu& cpu) {
  lock_.lock(cpu);
  while (timer_.is_active() &&
         !timer_.is_queued()) {  // its function waits for the lock on another CPU, and is next
    lock_.unlock(cpu);
    lock_.lock(cpu);
  }
  if (!timer_.is_queued()) return;
  armed_on_->cancel(timer_);
  scheduler_.trace().emit(HrtimerCancel{});
}

/// On the CPU that runs this, without slack.
void Timerfd::start(Instant expires) {
  armed_on_ = &scheduler_.local_timer();
  armed_on_->start(timer_, expires, Duration{});
  expires_ = expires;
  scheduler_.trace().emit(HrtimerStart{{}, expires, expires});
}

/// Arms an expired periodic timer again, for the first period that lies ahead; returns how many were missed.
std::uint64_t Timerfd::catch_up() {
  expired_ = false;
  const std::uint64_t periods = timer_.forward(scheduler_.engine().now(), interval_);
  start(timer_.hard_expiry());
  return periods - 1;
}

/// All ticks, or 0 where there are none any more.
std::uint64_t Timerfd::take() {
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_.lock(cpu);
  std::uint64_t taken = ticks_;
  if (taken > 0) {
    if (expired_ && interval_) {
      taken += catch_up();
      change(0, expires_);
    } else {
      expired_ = false;
      change(0, armed_until_);
    }
  }
  lock_.unlock(cpu);
  return taken;
}

/// Linux: timerfd_get_remaining()
itimerspec Timerfd::left() const {
  const Duration time = std::max(expires_ - scheduler_.engine().now(), Duration{});
  return {timespec_of(interval_), timespec_of(time)};
}

void Timerfd::change(std::uint64_t ticks, Instant armed_until) {
  ticks_ = ticks;
  armed_until_ = armed_until;
  scheduler_.trace().emit(TimerfdChanged{id(), ticks_, armed_until_});
}

}  // namespace stackscope
