// timerfd: what the real kernel answered to the same questions (Linux 6.18), and who is woken when.

#include <ctime>
#include <fcntl.h>

#include "tests/kernel_model/support/readiness.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

constexpr std::int64_t kMs = 1'000'000;

timespec spec(std::int64_t ns) { return {ns / 1'000'000'000, ns % 1'000'000'000}; }
itimerspec every(std::int64_t interval, std::int64_t first) { return {spec(interval), spec(first)}; }
itimerspec once(std::int64_t first) { return every(0, first); }
std::int64_t ns_of(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

std::int64_t left(Timerfd& timer) {
  itimerspec value{};
  timer.gettime(value);
  return ns_of(value.it_value);
}
/// The ticks, or −errno.
std::int64_t ticks_of(Timerfd& timer) {
  std::uint64_t ticks = 0;
  const auto n = timer.read({reinterpret_cast<std::byte*>(&ticks), sizeof ticks});
  return n == 8 ? static_cast<std::int64_t>(ticks) : n;
}

}  // namespace

TEST_CASE("timerfd: a fresh one is not armed, and knows what it cannot do", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.story([&] {
    CHECK(timer.flags() == (O_RDWR | O_NONBLOCK));
    CHECK(left(timer) == 0);
    CHECK(timer.read({nullptr, 7}) == -EINVAL);
    CHECK(timer.read({nullptr, 8}) == -EAGAIN);
    CHECK(timer.write({nullptr, 8}) == -EINVAL);
    CHECK(timer.poll(nullptr) == 0);
  });
}

TEST_CASE("timerfd: which clocks and times there are", "[timerfd]") {
  std::string clocks;
  for (int clock = -1; clock <= 12; ++clock) clocks += Timerfd::is_clock(clock) ? '+' : '.';
  CHECK(clocks == ".++.....+++...");
  CHECK(Timerfd::is_valid({{0, 999'999'999}, {INT64_MAX, 0}}));
  CHECK_FALSE(Timerfd::is_valid({{0, 0}, {0, 1'000'000'000}}));
  CHECK_FALSE(Timerfd::is_valid({{0, 0}, {0, -1}}));
  CHECK_FALSE(Timerfd::is_valid({{-1, 0}, {0, 0}}));
}

TEST_CASE("timerfd: a reader sleeps until the timer fires, without slack and in its interrupt", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd();
  std::int64_t woken_at = 0;
  machine.thread("reader", [&] {
    timer.settime(0, once(2 * kMs), nullptr);
    CHECK(ticks_of(timer) == 1);
    woken_at = machine.now_ns();
    CHECK(timer.ticks() == 0);
    CHECK(timer.armed_until() == Instant::never());
  });
  machine.run_for(Duration::ms(5));
  CHECK(woken_at >= 2 * kMs);
  CHECK(woken_at < 2 * kMs + 10'000);
  CHECK(machine.told({"timer:hrtimer_expire_entry"}).size() == 1);
}

TEST_CASE("timerfd: a periodic one fires once, and whoever reads catches up and arms it again", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.story([&] {
    timer.settime(TFD_TIMER_ABSTIME, every(10 * kMs, 1 * kMs), nullptr);
    machine.sleep_until(Instant::ns(55 * kMs));
    CHECK(timer.ticks() == 1);
    CHECK(timer.armed_until() == Instant::never());
    CHECK(ticks_of(timer) == 6);
    CHECK(timer.armed_until() == Instant::ns(61 * kMs));
    CHECK(ticks_of(timer) == -EAGAIN);
    machine.sleep_until(Instant::ns(62 * kMs));
    CHECK(ticks_of(timer) == 1);
  });
}

TEST_CASE("timerfd: asking for the time left catches up as well, and keeps the ticks", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.story([&] {
    timer.settime(TFD_TIMER_ABSTIME, every(10 * kMs, 1 * kMs), nullptr);
    machine.sleep_until(Instant::ns(55 * kMs));
    CHECK(left(timer) == Instant::ns(61 * kMs).count() - machine.now_ns());
    CHECK(timer.ticks() == 6);
    CHECK(timer.poll(nullptr) == EPOLLIN);
    machine.sleep_until(Instant::ns(75 * kMs));  // fired once more at 61 ms; 71 ms is caught up
    CHECK(timer.ticks() == 7);
    CHECK(ticks_of(timer) == 8);
  });
}

TEST_CASE("timerfd: setting it tells the old time, forgets the ticks and replaces the timer", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.story([&] {
    itimerspec old{};
    timer.settime(TFD_TIMER_ABSTIME, every(10 * kMs, 1 * kMs), &old);
    CHECK(ns_of(old.it_value) == 0);
    CHECK(ns_of(old.it_interval) == 0);
    machine.sleep_until(Instant::ns(35 * kMs));
    timer.settime(0, once(50 * kMs), &old);
    CHECK(ns_of(old.it_value) ==
          6 * kMs - (machine.now_ns() - 35 * kMs));  // of a period that was never armed
    CHECK(ns_of(old.it_interval) == 10 * kMs);
    CHECK(ticks_of(timer) == -EAGAIN);
    timer.settime(0, every(7 * kMs, 0), &old);
    CHECK(ns_of(old.it_value) > 49 * kMs);
    CHECK(left(timer) == 0);
    timer.settime(0, once(0), &old);
    CHECK(ns_of(old.it_interval) == 7 * kMs);  // though it was not armed
    machine.sleep_until(Instant::ns(200 * kMs));
    CHECK(timer.ticks() == 0);
  });
}

TEST_CASE("timerfd: an absolute time in the past fires at once, for each period that passed", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.story([&] {
    machine.sleep_until(Instant::ns(200 * kMs));
    timer.settime(TFD_TIMER_ABSTIME, every(10 * kMs, 100 * kMs), nullptr);
    machine.sleep_until(Instant::ns(201 * kMs));
    CHECK(ticks_of(timer) == 11);
    timer.settime(TFD_TIMER_ABSTIME, once(1), nullptr);
    machine.sleep_until(Instant::ns(202 * kMs));
    CHECK(left(timer) == 0);
    CHECK(ticks_of(timer) == 1);
  });
}

TEST_CASE("timerfd: times beyond 292 years are never", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.story([&] {
    for (const int flags : {0, int{TFD_TIMER_ABSTIME}}) {
      timer.settime(flags, {{INT64_MAX, 5}, {INT64_MAX, 999'999'999}}, nullptr);
      CHECK(timer.armed_until() == Instant::never());
      CHECK(left(timer) == INT64_MAX - machine.now_ns());
      itimerspec value{};
      timer.gettime(value);
      CHECK(value.it_interval.tv_sec == 9223372036);
      CHECK(value.it_interval.tv_nsec == 854775807);
    }
  });
}

TEST_CASE("timerfd: a disarmed alarm goes on telling its last expiry", "[timerfd]") {
  ReadinessMachine machine;
  Timerfd& alarm = machine.make_timerfd(TFD_NONBLOCK, CLOCK_REALTIME_ALARM);
  Timerfd& other = machine.make_timerfd(TFD_NONBLOCK, CLOCK_REALTIME);
  machine.story([&] {
    for (Timerfd* timer : {&alarm, &other}) {
      timer->settime(0, once(machine.now_ns() + 10 * kMs), nullptr);
      timer->settime(0, once(0), nullptr);
    }
    CHECK(left(alarm) > 9 * kMs);
    CHECK(left(other) == 0);
    machine.sleep_until(Instant::ns(50 * kMs));
    CHECK(left(alarm) == 0);
    CHECK(alarm.ticks() == 0);
  });
}

TEST_CASE("timerfd: epoll reports it when it fires, and a closed one fires no more", "[timerfd]") {
  ReadinessMachine machine;
  machine.story([&] {
    FdTable table{ProcessId{1}, machine.files};
    Epoll& epoll = machine.make_epoll();
    Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
    const int fd = table.open(timer);
    CHECK(watch(epoll, timer, EPOLLIN | EPOLLET, 7) == 0);
    timer.settime(0, every(1 * kMs, 1 * kMs), nullptr);
    CHECK(reported(epoll, 16, Duration::ms(50)) == Reports{7});
    CHECK(reported(epoll, 16, Duration::ms(50)) == Reports{});  // nobody read: it was not armed again
    CHECK(ticks_of(timer) > 50);
    CHECK(reported(epoll, 16, Duration::ms(50)) == Reports{7});
    CHECK(ticks_of(timer) == 1);
    const auto fired = machine.told({"timer:hrtimer_expire_entry"}).size();
    CHECK(table.close(fd) == 0);
    machine.sleep_until(machine.engine.now() + Duration::ms(50));
    CHECK(machine.told({"timer:hrtimer_expire_entry"}).size() == fired + 1);  // the sleep's own
  });
}

TEST_CASE("timerfd: of two readers on two CPUs one gets the ticks, the other sleeps on", "[timerfd]") {
  ReadinessMachine machine{2};
  machine.costs.hrtimer_start = Cost{Duration::us(20)};  // under the lock, while the other one comes
  Timerfd& timer = machine.make_timerfd();
  std::string log;
  for (const char* name : {"a", "b"}) {
    machine.thread(
        name, [&, name] { log += std::to_string(ticks_of(timer)) + name + " "; }, 50, name[0] == 'a' ? 1 : 2);
  }
  machine.run_for(Duration::ms(1));
  machine.story([&] { timer.settime(0, every(9000 * kMs, 1 * kMs), nullptr); });
  CHECK(log.size() == 3);
  machine.story([&] { timer.settime(0, every(9000 * kMs, 1 * kMs), nullptr); });
  CHECK(log.size() == 6);
}

TEST_CASE("timerfd: disarmed from another CPU at any moment, it fires before or not at all", "[timerfd]") {
  for (std::int64_t late = -1500; late <= 2500; late += 50) {
    ReadinessMachine machine{2};
    machine.costs.hrtimer_fire = Cost{Duration::ns(700)};
    machine.file_costs.timerfd_settime = Cost{Duration::ns(100)};
    Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
    itimerspec old{};
    machine.thread(
        "armer", [&] { timer.settime(TFD_TIMER_ABSTIME, every(5 * kMs, 1 * kMs), nullptr); }, 50, 1);
    machine.thread(
        "disarmer",
        [&] {
          machine.compute(Duration::ns(1 * kMs + late - machine.now_ns()));
          timer.settime(0, once(0), &old);
          CHECK(timer.ticks() == 0);
        },
        50, 2);
    machine.run_for(Duration::ms(10));
    CHECK(timer.ticks() == 0);
    CHECK(timer.armed_until() == Instant::never());
    CHECK(ns_of(old.it_interval) == 5 * kMs);
  }
}

TEST_CASE("timerfd: who disarms it while its function waits for the lock lets that run first", "[timerfd]") {
  ReadinessMachine machine{2};
  machine.costs.hrtimer_start = Cost{Duration::us(20)};  // under the lock
  machine.costs.lock_handover = Cost{Duration::us(5)};   // meanwhile the timer fires
  Timerfd& timer = machine.make_timerfd(TFD_NONBLOCK);
  machine.thread("armer", [&] { timer.settime(TFD_TIMER_ABSTIME, once(1), nullptr); }, 50, 1);
  machine.thread(
      "disarmer",
      [&] {
        machine.compute(Duration::us(5));
        timer.settime(0, once(0), nullptr);
      },
      50, 2);
  machine.run_for(Duration::ms(1));
  CHECK(machine.told({"timer:hrtimer_expire_entry"}).size() == 1);
  CHECK(timer.ticks() == 0);
}
