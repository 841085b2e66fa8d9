#include <catch2/catch.hpp>

#include "kernel_model/hardware/caches.hpp"
#include "tests/kernel_model/support/machine.hpp"

using namespace stackscope;
using stackscope::test::Machine;

namespace {

constexpr Duration kCooling = Duration::ms(10);

Cost path(std::uint16_t number, Duration cold = Duration::us(8)) {
  Cost made{Duration::us(1)};
  made.set_cold(cold, number);
  return made;
}

}  // namespace

TEST_CASE("a path costs more the first time, and not the second", "[caches]") {
  Caches caches;
  CHECK(caches.warm(path(3)) == Duration::us(8));
  CHECK(caches.warm(path(3)) == Duration{});
  CHECK(caches.warm(path(1)) == Duration::us(8));  // another's being there does not help
}

TEST_CASE("a path is lost in proportion to the sleep since it was last gone", "[caches]") {
  Caches caches;
  caches.warm(path(0)), caches.warm(path(1));
  caches.cool(Duration::ms(5), kCooling);
  CHECK(caches.warm(path(0)) == Duration::us(4));
  caches.cool(Duration::ms(5), kCooling);
  CHECK(caches.warm(path(0)) == Duration::us(4));
  CHECK(caches.warm(path(1)) == Duration::us(8));
  caches.cool(Duration::s(3), kCooling);
  CHECK(caches.warm(path(0)) == Duration::us(8));  // all of it, and not more
  caches.cool(Duration::ms(5), Duration::ms(40));  // a sleep in which little is lost
  CHECK(caches.warm(path(0)) == Duration::us(1));
}

TEST_CASE("a CPU that computes loses nothing, one that sleeps does", "[caches]") {
  Machine machine;
  machine.costs.cooling = Cost{kCooling};
  const Cost cost = path(100);  // no cost of the machine's own
  std::vector<std::int64_t> took;
  const auto go_path = [&] {
    const std::int64_t began = machine.now_ns();
    machine.scheduler().cpu().charge(cost);
    took.push_back(machine.now_ns() - began);
  };
  machine.thread("program", [&] {
    go_path();
    machine.compute(Duration::ms(3));
    go_path();
    machine.sleep_until(machine.engine.now() + Duration::ms(5));
    go_path();
  });
  machine.run_for(Duration::ms(20));
  REQUIRE(took.size() == 3);
  CHECK(took[0] == 9'000);
  CHECK(took[1] == 1'000);
  CHECK(took[2] > 4'000);
  CHECK(took[2] < 6'000);
}
