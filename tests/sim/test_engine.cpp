#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <string>
#include <tuple>
#include <vector>

#include "sim/engine.hpp"
#include "sim/fiber.hpp"
#include "sim/random.hpp"

using namespace stackscope;

namespace {

// An event that writes its name into a list when it fires.
struct Note {
  Note(std::vector<int>& out, int number)
      : log(out), name(number), event(Event::calling<&Note::fire>(*this)) {}
  void fire() { log.push_back(name); }
  std::vector<int>& log;
  int name;
  Event event;
};

}  // namespace

TEST_CASE("events of one instant fire hardware first, then timers, then CPUs, each in order of scheduling") {
  Engine engine;
  std::vector<int> fired;
  std::deque<Note> notes;
  const Instant at = Instant::ns(5'000);
  for (const auto& [name, rank] : {std::pair{5, Rank::cpu(0, 1)},
                                   {3, Rank::cpu(0, 0)},
                                   {1, Rank::hardware()},
                                   {2, Rank::timers()},
                                   {4, Rank::cpu(0, 0)},
                                   {6, Rank::cpu(1, 0)}}) {
    engine.schedule(notes.emplace_back(fired, name).event, at, rank);
  }
  engine.run_until(at);
  CHECK(fired == std::vector{1, 2, 3, 4, 5, 6});
}

TEST_CASE(
    "the wheel pops in the order of (time, rank, sequence), whatever is scheduled and cancelled between") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u, 6u);
  RandomStream random{seed, "wheel"};
  Engine engine;
  std::vector<int> fired, expected;
  std::deque<Note> notes;
  using Key = std::tuple<std::int64_t, Rank, int>;
  std::vector<Key> pending;  // the reference: a list that is searched for its least element
  for (int i = 0; i < 20'000; ++i) {
    const auto action = random.below(10);
    if (action < 5) {
      // distances from 0 ns to days: every level of the wheel
      const auto distance = static_cast<std::int64_t>(random.next() >> (20 + random.below(44)));
      const Rank rank = Rank::cpu(0, static_cast<std::uint8_t>(random.below(3)));
      Note& note = notes.emplace_back(fired, i);
      const Instant at = engine.now() + Duration::ns(distance);
      engine.schedule(note.event, at, rank);
      pending.emplace_back(at.count(), rank, i);
    } else if (action < 6 && !pending.empty()) {
      const auto victim = random.below(pending.size());
      const int name = std::get<2>(pending[victim]);
      engine.cancel(std::find_if(notes.begin(), notes.end(), [&](Note& n) { return n.name == name; })->event);
      pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(victim));
    } else if (!pending.empty()) {
      const auto least = std::min_element(pending.begin(), pending.end());
      REQUIRE(engine.next_due().at.count() == std::get<0>(*least));
      expected.push_back(std::get<2>(*least));
      pending.erase(least);
      engine.step();
      REQUIRE(fired.back() == expected.back());
    }
  }
  CHECK(fired == expected);
  CHECK(engine.is_idle() == pending.empty());
}

TEST_CASE("a fiber stops in the middle of a call and hands over to another without an event between") {
  StackPool stacks{64 * 1024};
  struct Pair {
    std::string log;
    Fiber* first = nullptr;
    Fiber* second = nullptr;
  } pair;
  Fiber second{stacks, [](void* p) { static_cast<Pair*>(p)->log += "b"; }, &pair};
  Fiber first{stacks,
              [](void* p) {
                auto& self = *static_cast<Pair*>(p);
                self.log += "a";
                self.first->suspend_to(self.second);
                self.log += "c";
              },
              &pair};
  pair.first = &first;
  pair.second = &second;
  first.resume();
  CHECK(pair.log == "ab");
  CHECK(second.is_finished());
  first.resume();
  CHECK(pair.log == "abc");
  CHECK(first.is_finished());
}

TEST_CASE("a stream's numbers depend on seed and name alone") {
  RandomStream one{7, "clients"}, again{7, "clients"}, other{7, "costs"};
  std::uint64_t differing = 0;
  for (int i = 0; i < 100; ++i) {
    const auto n = one.next();
    CHECK(n == again.next());
    differing += n != other.next();
  }
  CHECK(differing > 90);
  std::array<int, 6> dice{};
  for (int i = 0; i < 60'000; ++i) ++dice.at(one.below(6));
  for (const int n : dice) CHECK(std::abs(n - 10'000) < 500);
}
