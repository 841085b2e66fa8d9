#include "runner/results/json.hpp"

#include <nlohmann/json.hpp>

#include "runner/results/check_result.hpp"

namespace stackscope {
namespace {

using Json = nlohmann::ordered_json;

struct JsonOf {
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const { return value; }
  Json operator()(const PerKey& by_name) const {
    Json out = Json::object();
    for (const auto& [name, metric] : by_name) out[name] = std::visit(*this, metric);
    return out;
  }
  Json operator()(const Distribution& all) const {
    Json histogram = Json::array();
    for (const auto& [from, to, count] : all.histogram()) {
      histogram.push_back(Json{{"from", from}, {"to", to}, {"count", count}});
    }
    Json out{{"n", all.n()}};
    for (const char* name : {"mean", "min", "max", "p50", "p90", "p99"}) out[name] = nullptr;
    if (!all.is_empty()) {
      out["mean"] = all.mean(), out["min"] = all.min(), out["max"] = all.max();
      out["p50"] = all.percentile(500), out["p90"] = all.percentile(900), out["p99"] = all.percentile(990);
    }
    out["histogram"] = std::move(histogram);
    return out;
  }
};

template <class Pairs>
Json object_of(const Pairs& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[name] = value;
  return out;
}

Json metrics_of(const RunResult& run) {
  Json out = Json::object();
  for (const auto& [name, metric] : run.metrics) out[name] = std::visit(JsonOf{}, metric.value);
  return out;
}

Json expectations_of(const RunResult& run) {
  Json out = Json::array();
  for (const CheckedExpectation& expectation : run.expectations) {
    out.push_back(Json{{"that", expectation.that},
                       {"variant", expectation.variant},
                       {"passed", expectation.passed},
                       {"detail", expectation.detail},
                       {"position", expectation.position}});
  }
  return out;
}

Json json_of(const RunResult& run) {
  Json out{{"scenario", run.scenario},
           {"variant", run.variant},
           {"seed", run.seed},
           {"fingerprint", run.fingerprint},
           {"layers", object_of(run.layers)},
           {"events", run.events},
           {"records", run.records},
           {"simulated_ns", run.simulated_ns},
           {"metrics", metrics_of(run)},
           {"counters", object_of(run.counters)},
           {"expectations", expectations_of(run)},
           {"notes", run.notes},
           {"passed", run.passed()}};
  if (!run.completed()) {
    out["outcome"] = Json{{"kind", outcome_name(run.outcome)}, {"detail", outcome_detail(run.outcome)}};
  }
  return out;
}

Json json_of(const NotRun& not_run) {
  Json problems = Json::array();
  for (const NotRun::Problem& problem : not_run.problems) {
    problems.push_back(
        Json{{"position", problem.position}, {"message", problem.message}, {"help", problem.help}});
  }
  return {{"scenario", not_run.scenario},
          {"variant", not_run.variant},
          {"reason", not_run.reason},
          {"problems", std::move(problems)}};
}

}  // namespace

std::string results_json(std::span<const RunResult> runs, std::string_view version,
                         std::span<const NotRun> not_run) {
  Json out{{"version", version}, {"runs", Json::array()}, {"not_run", Json::array()}};
  for (const RunResult& run : runs) out["runs"].push_back(json_of(run));
  for (const NotRun& one : not_run) out["not_run"].push_back(json_of(one));
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stackscope
