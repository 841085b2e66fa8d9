// `stackscope calibrate`: whether it finds out what a machine costs. The machine is the model itself, with costs that are known.

#include <algorithm>
#include <catch2/catch.hpp>

#include "runner/calibrate/calibration.hpp"

namespace stackscope {
namespace {

Profile base() {
  std::vector<Diagnostic> errors;
  auto profile = read_profile("linux-6.18-epyc-vm", errors);
  REQUIRE(profile.has_value());
  return *std::move(profile);
}

ProfileCost& cost_of(Profile& profile, std::string_view name) {
  return *std::ranges::find(profile.costs, name, &ProfileCost::name);
}

/// Everything takes half as long again, is nine times as much cold, and a CPU cools in 20 ms.
Profile slower() {
  Profile profile = base();
  for (ProfileCost& cost : profile.costs) {
    cost.typical = cost.typical * 3 / 2;
    cost.cold = cost.typical * 8;
  }
  cost_of(profile, "cpu.cooling").typical = Duration::ms(20);
  cost_of(profile, "cpu.cooling").cold = {};
  cost_of(profile, "cpu.ipi_send").typical = Duration::us(2);
  cost_of(profile, "cpu.ipi_flight").typical = Duration::us(6);
  cost_of(profile, "cpu.ipi_flight").cold = {};
  cost_of(profile, "cpu.idle_exit").cold = cost_of(profile, "cpu.ipi_send").cold = {};
  return profile;
}

void merge(const StepTimes& from, StepTimes& into) {
  for (const auto& [step, times] : from) into[step].merge(times);
}

/// What measure_machine() would find on a machine like that.
Measured measured_on(const Profile& machine) {
  Measured measured;
  measured.in_loop = times_on_model(each_call(30, {}, 0), machine);
  merge(times_on_model(wake_near(30, 0), machine), measured.in_loop);
  measured.rested = times_on_model(each_call(10, kRested, 0), machine);
  measured.served = times_on_model(serve(10, kRested, {0, 1}), machine);
  merge(times_on_model(wake_busy(30, {0, 1}), machine), measured.in_loop);
  measured.paused = times_on_model(each_call(10, kPaused, 0), machine);
  merge(times_on_model(wake_far(30, kPaused, {0, 1}), machine), measured.paused);
  return measured;
}

}  // namespace

TEST_CASE("an exercise has each of its steps once a round", "[calibrate]") {
  const StepTimes calls = times_on_model(each_call(7, Duration::ms(1), 0), base());
  CHECK(calls.size() == 11);  // two are "awake" and the whole round
  for (const auto& [step, times] : calls) {
    INFO(step);
    CHECK(times.n() == 7);
    CHECK(times.min() > 0);
  }
  const StepTimes far = times_on_model(wake_far(5, Duration::ms(1), {0, 1}), base());
  CHECK(far.size() == 8);
  for (const auto& [step, times] : far) CHECK(times.n() == 5);
  CHECK(far.at("wake_soon").min() > far.at("call_soon").max());
  CHECK(far.at("wake_soon").sum() > far.at("woken_soon").sum() + far.at("run_soon").sum());
}

TEST_CASE("a machine whose costs are known is found out", "[calibrate]") {
  Profile machine = slower();
  Calibration found = calibrate(base(), measured_on(machine), "slower");
  CHECK(found.profile.machine == "slower");
  CHECK(found.steps.size() > 25);
  for (const FittedStep& step : found.steps) {
    INFO(step.step << " " << step.condition);
    const std::int64_t wanted = step.machine.percentile(500), got = step.model.count();
    if (step.step != "close_last" && step.step != "round") CHECK(std::abs(got - wanted) * 100 <= 7 * wanted);
  }
  const auto is_near = [&](std::string_view name) {
    const std::int64_t wanted = cost_of(machine, name).typical.count();
    return std::abs(cost_of(found.profile, name).typical.count() - wanted) * 100 <= 10 * wanted;
  };
  for (const char* name : {"cpu.syscall_entry", "tcp.transmit", "socket.accept", "cpu.ipi_send",
                           "cpu.ipi_flight", "cpu.cooling"}) {
    INFO(name);
    CHECK(is_near(name));
  }
}

TEST_CASE("what was not measured stays as the base profile has it", "[calibrate]") {
  const Profile before = base();
  Calibration found = calibrate(before, {}, "nothing");
  for (std::size_t i = 0; i < before.costs.size(); ++i) {
    CHECK(found.profile.costs[i].typical == before.costs[i].typical);
    CHECK(found.profile.costs[i].quantiles == before.costs[i].quantiles);
  }
  CHECK(found.steps.empty());
}

}  // namespace stackscope
