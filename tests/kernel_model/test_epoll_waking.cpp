// Who is woken, how often, and what happens while events are copied.

#include "tests/kernel_model/support/readiness.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

struct HerdCounts {
  int returns = 0;
  std::vector<int> taken;
  std::size_t wakeups = 0;
};

/// Workers that take one connection a return; `events` come one at a time, each when all workers sleep.
HerdCounts herd(int workers, bool shared, Events flags, int events) {
  ReadinessMachine machine;
  Source& listener = machine.make_source();
  std::vector<Epoll*> epolls;
  for (int i = 0; i < workers; ++i) epolls.push_back(shared && i > 0 ? epolls[0] : &machine.make_epoll());
  HerdCounts counts{0, std::vector<int>(std::size_t(workers)), 0};
  for (int i = 0; i < workers; ++i) {
    machine.thread("worker", [&, i] {
      Epoll& epoll = *epolls[std::size_t(i)];
      if (!shared || i == 0) watch(epoll, listener, EPOLLIN | flags);
      for (;;) {
        if (mask(epoll, Epoll::kForever) == 0) continue;
        ++counts.returns;
        if (listener.take()) ++counts.taken[std::size_t(i)];
      }
    });
  }
  machine.run_for(Duration::ms(1));
  machine.thread("client", [&] {
    for (int i = 0; i < events; ++i) {
      machine.sleep_until(Instant::ns((2 + i) * 1'000'000));
      listener.fire();
    }
  });
  machine.run_for(Duration::ms(events + 10));
  counts.wakeups = machine.wakeups() - std::size_t(events);  // without those of the client's timer
  return counts;
}

}  // namespace

TEST_CASE("an instance each: every worker is woken, the first takes all", "[epoll][herd]") {
  const HerdCounts counts = herd(8, false, 0, 100);
  CHECK(counts.returns == 100);
  CHECK(counts.wakeups == 800);
  CHECK(std::count(counts.taken.begin(), counts.taken.end(), 100) == 1);
}

TEST_CASE("an instance each, EPOLLEXCLUSIVE: one is woken, always the same", "[epoll][herd]") {
  const HerdCounts counts = herd(8, false, EPOLLEXCLUSIVE, 100);
  CHECK(counts.returns == 100);
  CHECK(counts.wakeups == 100);
  CHECK(std::count(counts.taken.begin(), counts.taken.end(), 100) == 1);
}

// The item goes back on the list when it is reported, so the scan's end wakes the next sleeper to look.
TEST_CASE("one instance for all: two wake-ups an event, two workers alternate", "[epoll][herd]") {
  const HerdCounts counts = herd(8, true, 0, 100);
  CHECK(counts.returns == 100);
  CHECK(counts.wakeups == 200);
  CHECK(std::count(counts.taken.begin(), counts.taken.end(), 50) == 2);
}

TEST_CASE("one instance for all, edge-triggered: nothing goes back on the list, so one wake-up",
          "[epoll][herd]") {
  const HerdCounts counts = herd(8, true, EPOLLET, 100);
  CHECK(counts.returns == 100);
  CHECK(counts.wakeups == 100);
}

TEST_CASE("an exclusive wake-up for reading and writing at once satisfies nobody, so all are woken",
          "[epoll][exclusive]") {
  const Events happened = GENERATE(Events{EPOLLIN}, Events{EPOLLIN | EPOLLOUT}, Events{0}, Events{EPOLLOUT});
  ReadinessMachine machine;
  Source& source = machine.make_source();
  int woken = 0;
  for (int i = 0; i < 3; ++i) {
    Epoll& epoll = machine.make_epoll();
    machine.thread("worker", [&] {
      watch(epoll, source, EPOLLIN | EPOLLEXCLUSIVE);
      if (mask(epoll, Epoll::kForever) != 0) ++woken;
    });
  }
  machine.run_for(Duration::ms(1));
  machine.story([&] { source.fire(happened); });
  INFO("events " << happened);
  CHECK(woken == (happened == EPOLLOUT ? 0 : happened == (EPOLLIN | EPOLLOUT) ? 3 : 1));
}

TEST_CASE("an exclusive item whose instance nobody waits in does not stop the wake-up",
          "[epoll][exclusive]") {
  ReadinessMachine machine;
  Source& source = machine.make_source();
  Epoll &deserted = machine.make_epoll(), &attended = machine.make_epoll();
  int woken = 0;
  machine.story([&] { watch(deserted, source, EPOLLIN | EPOLLEXCLUSIVE); });
  machine.thread("worker", [&] {
    watch(attended, source, EPOLLIN | EPOLLEXCLUSIVE);
    if (mask(attended, Epoll::kForever) != 0) ++woken;
  });
  machine.story([&] { source.fire(); });
  CHECK(woken == 1);
}

TEST_CASE("events that arrive while others are copied overflow, and come next, the first first",
          "[epoll][overflow]") {
  ReadinessMachine machine{2};
  machine.asking = Cost{Duration::us(10)};
  Epoll& epoll = machine.make_epoll();
  std::vector<Source*> sources;
  for (int i = 0; i < 5; ++i) sources.push_back(&machine.make_source());
  Reports first, second;
  std::int64_t began = 0;
  machine.thread(
      "waiter",
      [&] {
        for (std::size_t i = 0; i < 5; ++i) watch(epoll, *sources[i], EPOLLIN | EPOLLET, i, int(i));
        sources[0]->fire();
        sources[1]->fire();
        machine.sleep_until(Instant::ns(1'000'000));
        began = machine.now_ns();
        first = reported(epoll);  // asks source 0 for 10 us, then source 1
        second = reported(epoll);
      },
      50, 1);
  machine.thread(
      "firer",
      [&] {
        machine.sleep_until(Instant::ns(1'000'000));
        machine.cpu().charge(Duration::us(5));
        for (const int i : {4, 2, 4, 1, 3}) sources[std::size_t(i)]->fire();
      },
      50, 2);
  machine.run_for(Duration::ms(5));
  REQUIRE(began > 0);
  CHECK(first == Reports{0, 1});
  CHECK(second == Reports{4, 2, 1, 3});
  CHECK(machine.replay.most_overflowed() == 4);
}

TEST_CASE("a wait that is not answered ends after its time, never before; slack makes it later",
          "[epoll][time]") {
  const std::int64_t ms = GENERATE(1, 10, 300);
  const std::uint8_t priority = GENERATE(std::uint8_t{0}, std::uint8_t{50});
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  std::int64_t took = 0;
  machine.thread(
      "waiter",
      [&] {
        const std::int64_t began = machine.now_ns();
        CHECK(mask(epoll, Duration::ms(ms)) == 0);
        took = machine.now_ns() - began;
      },
      priority);
  machine.run_for(Duration::s(1));
  const std::int64_t slack = priority > 0 ? 0 : std::max<std::int64_t>(ms * 1000, 50'000);
  CHECK(took >= ms * 1'000'000 + slack);
  CHECK(took < ms * 1'000'000 + slack + 10'000);
  CHECK(machine.told({"wait:waited"}).size() >= 1);
}

TEST_CASE("an event at the moment when the time runs out is reported or kept, never lost", "[epoll][time]") {
  int reported_late = 0, kept = 0;
  for (std::int64_t offset = -6000; offset <= 6000; offset += 50) {
    ReadinessMachine machine{2};
    machine.epoll_costs.callback = Cost{Duration::ns(150)};
    Epoll& epoll = machine.make_epoll();
    Source& source = machine.make_source();
    machine.thread(
        "waiter",
        [&] {
          watch(epoll, source, EPOLLIN | EPOLLET);
          const bool got = mask(epoll, Duration::ms(2)) != 0;
          ++(got ? reported_late : kept);
          if (!got) CHECK(mask(epoll, Duration::ms(1)) == EPOLLIN);
        },
        50, 1);
    machine.thread(
        "firer",
        [&] {
          machine.sleep_until(Instant::ns(2'000'000 + offset));
          source.fire();
        },
        50, 2);
    machine.run_for(Duration::ms(5));
  }
  CHECK(reported_late > 0);
  CHECK(kept > 0);
}
