#pragma once
// Results to draw, made up but shaped like those of the thundering herd: the tests of this folder are about
// how a result is shown, not about where it comes from.

#include <string>
#include <vector>

#include "runner/results/run_result.hpp"

namespace stackscope::sample {

inline Distribution distribution(const std::vector<std::int64_t>& values) {
  Distribution all;
  for (const std::int64_t value : values) all.add(value);
  return all;
}

inline Distribution constant(std::int64_t value, std::int64_t times = 300) {
  Distribution all;
  all.add(value, times);
  return all;
}

/// `times[i]` samples of the value i + 1.
inline Distribution spread(const std::vector<int>& times) {
  Distribution all;
  for (std::size_t i = 0; i < times.size(); ++i) all.add(static_cast<std::int64_t>(i) + 1, times[i]);
  return all;
}

inline PerKey per_worker(const std::vector<std::int64_t>& counts) {
  PerKey by_worker;
  for (std::size_t i = 0; i < counts.size(); ++i) by_worker[std::to_string(i + 1)] = counts[i];
  return by_worker;
}

struct HerdRow {
  std::string variant;
  std::int64_t returns, wakeups;
  std::string published, measured_returns, measured_wakeups;
  PerKey accepts;
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
  run.metrics.set("returns_per_connection", constant(row.returns));
  run.metrics.set("kernel_wakeups_per_connection", constant(row.wakeups));
  run.metrics.set("eagain_per_connection", constant(row.returns - 1));
  run.metrics.set("accepts_per_worker", row.accepts);
  run.columns = {"returns_per_connection", "kernel_wakeups_per_connection", "eagain_per_connection",
                 "accepts_per_worker"};
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
  const PerKey one = per_worker({0, 0, 0, 0, 0, 0, 0, 300}), two = per_worker({0, 0, 0, 0, 0, 0, 150, 150}),
               all = per_worker({34, 42, 35, 39, 38, 37, 36, 39});
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
  runs[1].metrics.set("kernel_wakeups_per_connection", spread({24, 276}));
  runs[1].expectations[1].passed = false;
  runs[1].expectations[1].detail = "kernel_wakeups_per_connection.mean is 1.92, over 300 connections";
  runs[2].outcome = LimitReached{"10,000,000 events"};
  runs[3].outcome = NoProgress{{{"workers/1", "epoll_wait(4, -1)"}, {"clients/1", "read(5, 1)"}}};
  return runs;
}

}  // namespace stackscope::sample
