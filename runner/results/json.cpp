#include "runner/results/json.hpp"

#include <nlohmann/json.hpp>

#include "runner/results/verdict.hpp"

namespace stackscope {
namespace {

using Json = nlohmann::ordered_json;

struct JsonOf {
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const { return value; }
  Json operator()(const std::map<std::string, std::int64_t>& by_name) const {
    Json out = Json::object();
    for (const auto& [name, count] : by_name) out[name] = count;
    return out;
  }
  Json operator()(const Distribution& all) const {
    Json histogram = Json::object();
    for (const auto& [value, count] : all.histogram) histogram[std::to_string(value)] = count;
    return {{"n", all.n},     {"mean", all.mean}, {"min", all.min}, {"max", all.max},
            {"p50", all.p50}, {"p90", all.p90},   {"p99", all.p99}, {"histogram", histogram}};
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
  for (const auto& [name, metric] : run.metrics) out[name] = std::visit(JsonOf{}, metric);
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
           {"passed", run.passed()}};
  if (!run.completed()) {
    out["outcome"] = Json{{"kind", outcome_name(run.outcome)}, {"detail", outcome_detail(run.outcome)}};
  }
  return out;
}

}  // namespace

std::string results_json(std::span<const RunResult> runs, std::string_view version) {
  Json out{{"version", version}, {"runs", Json::array()}};
  for (const RunResult& run : runs) out["runs"].push_back(json_of(run));
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stackscope
