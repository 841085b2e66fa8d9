#pragma once
// A timer that is a file: it counts its expirations, and wakes who reads or polls.
//
// The timer's function only counts and wakes. A periodic timer is armed again by whoever reads or asks for the time left,
// and catches up with all periods missed by then; nobody asking, it fires once.
//
// Linux:     fs/timerfd.c timerfd_triggered(), timerfd_read_iter(), do_timerfd_settime(), timerfd_setup(),
//            do_timerfd_gettime(), timerfd_poll(), timerfd_release()
// Invariant: a timer that has expired and was not armed again is not queued; ticks are 0 after settime() and read().
// Differs:   all clocks are one, CLOCK_MONOTONIC from the start of the run; CLOCK_REALTIME is ahead of it by as much as
//            kRealtimeAtStart, and nobody sets it, so that TFD_TIMER_CANCEL_ON_SET is accepted and never cancels (no
//            ECANCELED).
// Differs:   nothing suspends, so the alarm clocks wake no machine; the caller has CAP_WAKE_ALARM.
// Differs:   a lock of its own instead of the wait queue's. Who could notice: lock contention, by nanoseconds.

#include <cstdint>
#include <sys/timerfd.h>

#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "kernel_model/timers/hrtimer.hpp"

namespace stackscope {

class LocalTimer;
class Scheduler;

class Timerfd final : public File {
 public:
  static constexpr int kCreateFlags = TFD_CLOEXEC | TFD_NONBLOCK;
  static constexpr int kSettimeFlags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  /// Whether timerfd_create() knows this clock.
  static bool is_clock(int clock);
  /// Linux: include/linux/time64.h itimerspec64_valid()
  static bool is_valid(const itimerspec& value);

  /// `flags`: TFD_NONBLOCK; others are the descriptor layer's to refuse. REQUIRES: is_clock(clock).
  Timerfd(FileId id, int clock, int flags, Scheduler& scheduler, const FileCosts& costs);

  /// Expirations since the last settime() or read(), as far as they are counted yet.
  std::uint64_t ticks() const { return ticks_; }
  /// When it fires, or never() while it is not armed.
  Instant armed_until() const { return armed_until_; }
  const WaitQueue& wait_queue() const { return waiting_; }

  /// Arms it, or disarms it where it_value is zero; `old` may be null. REQUIRES: kSettimeFlags only, is_valid(value).
  void settime(int flags, const itimerspec& value, itimerspec* old);
  void gettime(itimerspec& value);

  Events poll(PollTable* table) override;
  /// 8, or −errno: EINVAL (room for less than 8 bytes), EAGAIN. Without data the value is dropped.
  std::int64_t read(Buffer to) override;
  void release() override;

 private:
  Restart on_expiry();
  void lock_and_cancel(Cpu& cpu);
  void start(Instant expires);
  std::uint64_t catch_up();
  std::uint64_t take();
  itimerspec left() const;
  void change(std::uint64_t ticks, Instant armed_until);

  Scheduler& scheduler_;
  const FileCosts& costs_;
  Duration ahead_;  // by so much its clock is ahead of CLOCK_MONOTONIC
  bool is_alarm_;
  bool expired_ = false;  // and not armed again
  std::uint64_t ticks_ = 0;
  Instant armed_until_ = Instant::never();
  Instant expires_;    // also when it is over
  Duration interval_;  // Linux: tintv
  Hrtimer timer_;
  LocalTimer* armed_on_ = nullptr;
  SpinLock lock_;      // Linux: wqh.lock
  WaitQueue waiting_;  // Linux: wqh
};

}  // namespace stackscope
