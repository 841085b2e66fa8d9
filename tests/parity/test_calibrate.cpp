// `stackscope calibrate` on the kernel underneath: that it measures what it says, in an order that any machine has. No times.

#include <algorithm>
#include <catch2/catch.hpp>

#include "runner/calibrate/machine.hpp"
#include "runner/verify/carry.hpp"

namespace stackscope {

TEST_CASE("this machine is measured, and what comes out is plausible", "[real][calibrate]") {
  std::vector<std::string> notes;
  std::vector<std::string> exercises;
  const Measured machine = measure_machine(
      usable_cpus(), notes, [&](std::string_view exercise) { exercises.emplace_back(exercise); });
  if (machine.in_loop.empty()) {
    WARN("skipped: " << notes.front());
    return;
  }
  REQUIRE(machine.in_loop.at("connect").n() == 400);
  const auto median = [](const StepTimes& times, const std::string& step) {
    return times.at(step).percentile(500);
  };
  for (const StepTimes* const calls : {&machine.in_loop, &machine.paused, &machine.rested}) {
    CHECK(median(*calls, "getpid") < median(*calls, "socket"));
    CHECK(median(*calls, "epoll_wait") < median(*calls, "connect"));
    CHECK(median(*calls, "accept4") < median(*calls, "connect"));
  }
  CHECK(median(machine.in_loop, "connect") <
        median(machine.rested, "connect"));  // caches are cold after a pause
  CHECK(machine.rested.at("write").n() == 60);

  std::vector<Diagnostic> errors;
  const auto base = read_profile("linux-6.18-epyc-vm", errors);
  REQUIRE(base.has_value());
  const Calibration made = calibrate(*base, machine, name_of_machine(2));
  CHECK(made.profile.machine.starts_with("Linux "));
  for (const ProfileCost& cost : made.profile.costs) {
    INFO(cost.name);
    CHECK(!cost.source.empty());
    CHECK(cost.typical >= Duration{});
    CHECK(cost.cold >= Duration{});
    if (cost.quantiles) CHECK(std::ranges::is_sorted(cost.quantiles->values()));
  }
  if (usable_cpus().size() < 2) return;
  CHECK(exercises.size() == 7);
  CHECK(median(machine.in_loop, "wake_near") < median(machine.paused, "wake_late"));
  CHECK(median(machine.paused, "call_soon") < median(machine.paused, "wake_soon"));
  CHECK(median(machine.served, "accept4") < median(machine.served, "close"));
}

}  // namespace stackscope
