#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <vector>

#include "kernel_model/timers/hrtimer.hpp"

using namespace stackscope;

namespace {

constexpr Instant us(std::int64_t n) { return Instant::at(Duration::us(n)); }

struct Note {
  Note(std::vector<int>& where, int what) : log(where), number(what) {}
  Restart fire() {
    log.push_back(number);
    return Restart::kNo;
  }
  std::vector<int>& log;
  int number;
  Hrtimer timer = Hrtimer::calling<&Note::fire>(*this);
};

/// A periodic timer, as timerfd's.
struct Periodic {
  Restart fire() {
    overruns.push_back(timer.forward(now, Duration::us(100)));
    return Restart::kYes;
  }
  Instant now;
  std::vector<std::uint64_t> overruns;
  Hrtimer timer = Hrtimer::calling<&Periodic::fire>(*this);
};

}  // namespace

TEST_CASE("one interrupt serves all timers whose range it meets", "[hrtimer]") {
  std::vector<int> log;
  HrtimerQueue queue;
  Note a(log, 1), b(log, 2), c(log, 3);
  CHECK(queue.start(a.timer, us(100), Duration::us(50)));  // 100 to 150
  CHECK_FALSE(queue.start(b.timer, us(110), Duration::us(50)));
  CHECK(queue.start(c.timer, us(130)));  // exact: the first hard expiry
  CHECK(queue.next_event() == us(130));

  SECTION("before the first hard expiry nothing that is due is held back") {
    CHECK(queue.run_expired(us(105)) == 0);  // c comes first and lies ahead: the walk stops there
    CHECK(queue.run_expired(us(130)) == 3);
    CHECK(log == std::vector{3, 1, 2});
    CHECK(queue.next_event() == Instant::never());
  }
  SECTION("without it the interrupt comes with the next hard expiry") {
    CHECK(queue.cancel(c.timer));
    CHECK_FALSE(queue.cancel(c.timer));
    CHECK(queue.next_event() == us(150));
    CHECK(queue.run_expired(us(150)) == 2);
  }
}

TEST_CASE("equal expiries fire in the order of arming, and a moved one goes behind", "[hrtimer]") {
  std::vector<int> log;
  HrtimerQueue queue;
  Note a(log, 1), b(log, 2), c(log, 3);
  for (Note* note : {&a, &b, &c}) queue.start(note->timer, us(10));
  queue.start(a.timer, us(10));
  queue.run_expired(us(10));
  CHECK(log == std::vector{2, 3, 1});
}

TEST_CASE("a periodic timer that was late counts the periods it missed", "[hrtimer]") {
  HrtimerQueue queue;
  Periodic periodic;
  queue.start(periodic.timer, us(100), Duration::us(5));
  const auto interrupt = [&](std::int64_t at) {
    periodic.now = us(at);
    return queue.run_expired(us(at));
  };
  CHECK(interrupt(105) == 1);
  CHECK(queue.next_event() == us(205));
  CHECK(interrupt(550) == 1);
  CHECK(periodic.overruns == std::vector<std::uint64_t>{1, 4});
  CHECK(periodic.timer.soft_expiry() == us(600));
  CHECK(periodic.timer.hard_expiry() == us(605));
  SECTION("inside the slack it is not past its hard expiry: it stays due") {
    periodic.now = us(602);
    queue.cancel(periodic.timer);
    CHECK(periodic.timer.forward(us(602), Duration::us(100)) == 0);
  }
}

TEST_CASE("an expiry beyond the end of time is never", "[hrtimer]") {
  std::vector<int> log;
  HrtimerQueue queue;
  Note note(log, 1);
  queue.start(note.timer, Instant::ns(INT64_MAX - 10), Duration::us(50));
  CHECK(queue.next_event() == Instant::never());
}

TEST_CASE("random timers fire as a searched list does", "[hrtimer][random]") {
  const auto seed = GENERATE(range(1u, 21u));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::vector<int> log;
  HrtimerQueue queue;
  std::vector<std::unique_ptr<Note>> notes;
  for (int i = 0; i < 40; ++i) notes.push_back(std::make_unique<Note>(log, i));
  struct Entry {
    int number;
    Instant soft, hard;
  };
  std::vector<Entry> slow;  // in the order of arming
  Instant now;
  for (int step = 0; step < 2000; ++step) {
    const int number = static_cast<int>(random() % notes.size());
    Hrtimer& timer = notes[static_cast<std::size_t>(number)]->timer;
    const bool was_queued = std::erase_if(slow, [&](const Entry& e) { return e.number == number; }) > 0;
    if (random() % 4 == 0) {
      REQUIRE(queue.cancel(timer) == was_queued);
    } else {
      const Instant soft = now + Duration::ns(static_cast<std::int64_t>(random() % 50));
      const bool has_range = random() % 2;
      const Duration slack = Duration::ns(has_range ? static_cast<std::int64_t>(random() % 20) : 0);
      queue.start(timer, soft, slack);
      slow.push_back({number, soft, soft + slack});
    }
    now += Duration::ns(static_cast<std::int64_t>(random() % 8));
    log.clear();
    queue.run_expired(now);
    std::vector<int> expected;
    while (!slow.empty()) {
      const auto first =
          std::min_element(slow.begin(), slow.end(), [](auto& a, auto& b) { return a.hard < b.hard; });
      if (first->soft > now) break;
      expected.push_back(first->number);
      slow.erase(first);
    }
    REQUIRE(log == expected);
  }
}

TEST_CASE("select, poll and epoll_wait take a thousandth of the timeout as slack", "[hrtimer][slack]") {
  const Duration own = default_timer_slack(false);
  CHECK(own == Duration::us(50));
  CHECK(select_estimate_accuracy(Duration::ms(1), own, 0) == own);  // 1 us would be less
  CHECK(select_estimate_accuracy(Duration::ms(10), own, 0) == own);
  CHECK(select_estimate_accuracy(Duration::ms(100), own, 0) == Duration::us(100));
  CHECK(select_estimate_accuracy(Duration::s(1), own, 0) == Duration::ms(1));
  CHECK(select_estimate_accuracy(Duration::s(1), own, 1) == Duration::ms(5));
  CHECK(select_estimate_accuracy(Duration::s(1000), own, 0) == Duration::ms(100));
  CHECK(select_estimate_accuracy(Duration::s(-1), own, 0) == own);
  CHECK(select_estimate_accuracy(Duration::s(1), default_timer_slack(true), 0) == Duration{});
}
