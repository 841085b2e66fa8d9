#pragma once
// Results to draw, made up but shaped like those of the thundering herd: the tests of this folder are about
// how a result is shown, not about where it comes from.

#include <string>
#include <vector>

#include "runner/results/run_result.hpp"

namespace stackscope::sample {

inline Distribution constant(std::int64_t value, std::int64_t times = 300) {
  return Distribution::of(std::vector<std::int64_t>(static_cast<std::size_t>(times), value));
}

/// `times[i]` samples of the value i + 1.
inline Distribution spread(const std::vector<int>& times) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < times.size(); ++i) {
    values.insert(values.end(), static_cast<std::size_t>(times[i]), static_cast<std::int64_t>(i) + 1);
  }
  return Distribution::of(values);
}

struct HerdRow {
  std::string variant;
  std::int64_t returns, wakeups;
  std::string published, measured_returns, measured_wakeups;
  std::map<std::string, std::int64_t> accepts;
};

inline RunResult herd_run(const HerdRow& row) {
  RunResult run;
  run.scenario = "thundering_herd";
  run.path = "scenarios/thundering_herd.toml";
  run.title = "Thundering herd: eight workers wait, one connection arrives";
  run.lesson =
      "Every epoll instance that watches the listener is woken, unless it was added with EPOLLEXCLUSIVE.";
  run.variant = row.variant;
  run.fingerprint = "1f0c9d3a5b7e2468";
  run.layers = {{"wire", "0000000000000001"}, {"kernel", "0000000000000002"}};
  run.events = 41'205, run.records = 88'014;
  run.simulated_ns = 3'000'000'012;
  run.metrics["returns_per_connection"] = constant(row.returns);
  run.metrics["kernel_wakeups_per_connection"] = constant(row.wakeups);
  run.metrics["eagain_per_connection"] = constant(row.returns - 1);
  run.metrics["accepts_per_worker"] = row.accepts;
  run.columns = {{"returns_per_connection"},
                 {"kernel_wakeups_per_connection"},
                 {"eagain_per_connection"},
                 {"accepts_per_worker"}};
  run.counters = {{"TcpPassiveOpens", 300}, {"TcpExtListenOverflows", 0}};
  run.expectations = {{"returns_per_connection.mean == " + std::to_string(row.returns), row.variant, true, "",
                       "scenarios/thundering_herd.toml:41:8"},
                      {"kernel_wakeups_per_connection.mean == " + std::to_string(row.wakeups), row.variant,
                       true, "", "scenarios/thundering_herd.toml:44:8"}};
  const auto refer = [&](const char* metric, const std::string& value, const char* source) {
    if (!value.empty()) run.references.push_back({metric, value, source});
  };
  refer("returns_per_connection", row.published, "published");
  refer("returns_per_connection", row.measured_returns, "measured");
  refer("kernel_wakeups_per_connection", row.measured_wakeups, "measured");
  return run;
}

inline std::vector<RunResult> herd() {
  const std::map<std::string, std::int64_t> one{{"1", 0}, {"8", 300}}, two{{"7", 150}, {"8", 150}},
      all{{"1", 34}, {"2", 42}, {"3", 35}, {"4", 39}, {"5", 38}, {"6", 37}, {"7", 36}, {"8", 39}};
  std::vector<RunResult> runs;
  for (const HerdRow& row : std::vector<HerdRow>{
           {"baseline", 1, 8, "3 to 8", "1", "8", one},
           {"shared", 1, 2, "1 to 2", "1", "2", two},
           {"each", 1, 8, "3 to 8", "1", "8", one},
           {"shared-reuseport", 1, 1, "1 to 2", "", "", all},
           {"each-reuseport", 1, 1, "1", "1", "1", all},
           {"shared-exclusive", 1, 2, "1 to 2", "", "", two},
           {"each-exclusive", 1, 1, "1", "1", "1", one},
           {"each-edge-exclusive", 1, 1, "", "", "", one},
       }) {
    runs.push_back(herd_run(row));
  }
  return runs;
}

/// The herd where one expectation fails, one run is cut short, and one gets stuck.
inline std::vector<RunResult> failing_herd() {
  std::vector<RunResult> runs = herd();
  runs.resize(4);
  runs[1].metrics["kernel_wakeups_per_connection"] = spread({24, 276});
  runs[1].expectations[1].passed = false;
  runs[1].expectations[1].detail = "kernel_wakeups_per_connection.mean is 1.92, over 300 connections";
  runs[2].outcome = LimitReached{"10,000,000 events"};
  runs[3].outcome = NoProgress{{{"workers/1", "epoll_wait(4, -1)"}, {"clients/1", "read(5, 1)"}}};
  return runs;
}

}  // namespace stackscope::sample
