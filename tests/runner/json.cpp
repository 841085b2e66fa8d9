#include "runner/results/json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/runner/golden.hpp"
#include "tests/runner/sample_results.hpp"

using namespace stackscope;
using Json = nlohmann::ordered_json;

namespace {

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("JSON: reads back as what was run", "[results][json]") {
  auto runs = sample::herd();
  runs[0].seed = 18446744073709551615U;
  runs[0].metrics.set("returns_per_connection", sample::spread({17, 83}));
  runs[0].metrics.set("ratio", 0.1);
  runs[0].metrics.set("rounds", std::int64_t{-9223372036854775807});
  const Json all = Json::parse(results_json(runs, "0.1.0"));

  CHECK(keys(all) == Names{"version", "runs", "not_run"});
  CHECK(all["version"] == "0.1.0");
  REQUIRE(all["runs"].size() == runs.size());
  const Json& run = all["runs"][0];
  CHECK(keys(run) == Names{"scenario", "variant", "seed", "fingerprint", "layers", "events", "records",
                           "simulated_ns", "metrics", "counters", "expectations", "notes", "passed"});
  CHECK(run["seed"].get<std::uint64_t>() == 18446744073709551615U);
  CHECK(run["simulated_ns"] == 3'000'000'012);
  CHECK(run["layers"]["kernel"] == "0000000000000002");
  CHECK(keys(run["counters"]) == Names{"TcpExtListenOverflows", "TcpPassiveOpens"});
  CHECK(run["metrics"]["ratio"].get<double>() == 0.1);
  CHECK(run["metrics"]["rounds"].get<std::int64_t>() == -9223372036854775807);
  CHECK(run["metrics"]["accepts_per_worker"]["8"] == 300);
  CHECK(keys(run["expectations"][0]) == Names{"that", "variant", "passed", "detail", "position"});
  CHECK(run["passed"] == true);

  const Json& returns = run["metrics"]["returns_per_connection"];
  CHECK(keys(returns) == Names{"n", "mean", "min", "max", "p50", "p90", "p99", "histogram"});
  CHECK(returns["n"] == 100);
  CHECK(returns["mean"].get<double>() == 1.83);
  CHECK(returns["p50"] == 2);
  CHECK(returns["histogram"][1] == Json{{"from", 2}, {"to", 2}, {"count", 83}});
}

TEST_CASE("JSON: bytes are stable", "[results][json][golden]") {
  auto runs = sample::failing_herd();
  runs[1].metrics.set("ratio", 1.0 / 3);
  const std::string text = results_json(std::span(runs).subspan(1, 2), "0.1.0");
  CHECK(text == approved("herd_failing.json", text));
}

TEST_CASE("JSON: a run that did not come to its end says why", "[results][json]") {
  const Json all = Json::parse(results_json(sample::failing_herd(), "0.1.0"));
  CHECK_FALSE(all["runs"][1].contains("outcome"));  // it failed an expectation, but it completed
  CHECK(all["runs"][1]["passed"] == false);
  CHECK(all["runs"][2]["passed"] == false);
  CHECK(all["runs"][2]["outcome"] ==
        Json{{"kind", "limit"}, {"detail", "a limit was reached: 10,000,000 events"}});
  CHECK(all["runs"][3]["outcome"]["kind"] == "no progress");
}

TEST_CASE("JSON: odd text and odd numbers still parse", "[results][json]") {
  RunResult run;
  run.scenario = "bad \xff byte, \"quotes\", \x01";
  run.metrics.set("empty", Distribution{});
  run.metrics.set("none", PerKey{});
  const Json all = Json::parse(results_json(std::span(&run, 1), "0.1.0"));
  CHECK(all["runs"][0]["scenario"] == "bad \uFFFD byte, \"quotes\", \x01");
  CHECK(all["runs"][0]["metrics"]["empty"]["histogram"].is_array());
  CHECK(all["runs"][0]["metrics"]["none"].is_object());
  CHECK(Json::parse(results_json({}, "0.1.0"))["runs"].is_array());
}

TEST_CASE("JSON: what did not run is there, with every problem", "[results][json]") {
  const NotRun refused{"s", "v", "refused", {{"s.toml:1:2", "no such thing", "did you mean another?"}, {}}};
  const Json all = Json::parse(results_json({}, "0.1.0", {&refused, 1}));
  CHECK(all["runs"].empty());
  REQUIRE(all["not_run"].size() == 1);
  CHECK(keys(all["not_run"][0]) == Names{"scenario", "variant", "reason", "problems"});
  CHECK(all["not_run"][0]["problems"][0] ==
        Json{{"position", "s.toml:1:2"}, {"message", "no such thing"}, {"help", "did you mean another?"}});
}
