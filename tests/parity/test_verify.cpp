// Scenarios on both kernels, as `stackscope verify` runs them.

#include <catch2/catch.hpp>

#include "measure/scheduling_trial.hpp"
#include "runner/verify/verify.hpp"

namespace stackscope {

namespace {

/// Whether we may do what root may; else the test says loudly that it was skipped.
bool may_use_fifo() {
  RealProgram program;
  program.policy = SchedPolicy::kFifo, program.priority = 50;
  if (may_be_scheduled(program)) return true;
  WARN("skipped: SCHED_FIFO is refused here");
  return false;
}

VerifiedVariant verified(const std::string& variant, VerifyOptions options,
                         const std::string& scenario = "thundering_herd") {
  const std::string path = STACKSCOPE_SOURCE_DIR "/scenarios/" + scenario + ".toml";
  const LoadedScenario loaded = load_scenario_file(path);
  REQUIRE(loaded.scenario.has_value());
  const NamedScenario named{scenario, path, &*loaded.scenario};
  const Verified found = Verifier().verify(named, variant, options);
  REQUIRE(found.result.has_value());
  return *found.result;
}

VerifyOptions few_connections() {
  VerifyOptions options;
  options.sets = {"run.clients.args.connections=20", "run.clients.args.every=3ms"};
  options.repeat = 2;
  return options;
}

}  // namespace

TEST_CASE("the herd on one CPU: every count of the model is the kernel's", "[real][verify]") {
  if (!may_use_fifo()) return;
  const std::string variant = GENERATE("each", "shared", "each-exclusive", "blocking-accept");
  INFO(variant);
  const VerifiedVariant herd = verified(variant, few_connections());
  CHECK(herd.failed.empty());
  CHECK(herd.not_comparable.empty());
  REQUIRE(herd.metrics.size() == 4);
  for (const ComparedMetric& metric : herd.metrics) {
    INFO(metric.name);
    CHECK(metric.likeness == Likeness::kEqual);
  }
  CHECK(herd.metrics[1].name == "kernel_wakeups_per_connection");
  CHECK(herd.metrics[1].real.n() == 40);
  CHECK(herd.metrics[3].name == "accepts_per_worker");
  CHECK(herd.metrics[3].real.n() == 16);
}

TEST_CASE("sysctls of a scenario are set on the kernel underneath", "[real][verify]") {
  VerifyOptions options;
  options.sets = {"run.client.args.every=1ms"};
  options.repeat = 1;
  const VerifiedVariant ports = verified("reuse-without-timestamps", options, "time_wait");
  CHECK(ports.failed.empty());
  REQUIRE(!ports.metrics.empty());
  CHECK(ports.metrics[0].name == "request");
  CHECK(ports.metrics[0].model.n() == 20);
  CHECK(ports.metrics[0].real.n() == 20);  // of 40 requests: twenty ports, none taken anew
}

TEST_CASE("a variant with a machine of its own is not compared", "[real][verify]") {
  const VerifiedVariant wire = verified("wire", few_connections());
  CHECK(wire.not_comparable.find("peer 'remote'") != std::string::npos);
  CHECK(wire.real_runs == 0);
}

TEST_CASE("a real run that does not end says where it is", "[real][verify]") {
  if (!may_use_fifo()) return;
  VerifyOptions options = few_connections();
  options.deadline = Duration::ms(60);
  const VerifiedVariant late = verified("each", options);
  CHECK(late.failed.find("connect_each/0 in clock_nanosleep(") != std::string::npos);
  CHECK(late.real_runs == 1);
}

TEST_CASE("a call that fails on both kernels is no difference", "[real][verify]") {
  if (!may_use_fifo()) return;
  VerifyOptions options = few_connections();
  options.sets.emplace_back("run.clients.args.to=server:81");
  const VerifiedVariant refused = verified("each", options);
  CHECK(refused.not_comparable.empty());
  CHECK(refused.failed.empty());  // both clients were refused
}

}  // namespace stackscope
