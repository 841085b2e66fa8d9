#include <nlohmann/json.hpp>

#include "runner/verify/report.hpp"

namespace stackscope {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Distribution& all) {
  Json out{{"n", all.n()}};
  for (const char* name : {"mean", "min", "max", "p25", "p50", "p75"}) out[name] = nullptr;
  if (!all.is_empty()) {
    out["mean"] = all.mean(), out["min"] = all.min(), out["max"] = all.max();
    out["p25"] = all.percentile(250), out["p50"] = all.percentile(500), out["p75"] = all.percentile(750);
  }
  Json histogram = Json::array();
  for (const auto& [from, to, count] : all.histogram())
    histogram.push_back(Json{{"from", from}, {"to", to}, {"count", count}});
  out["histogram"] = std::move(histogram);
  return out;
}

Json json_of(const VerifiedVariant& variant) {
  Json metrics = Json::object();
  for (const ComparedMetric& metric : variant.metrics) {
    metrics[metric.name] = Json{{"unit", metric.unit},          {"model", json_of(metric.model)},
                                {"real", json_of(metric.real)}, {"ks_distance", metric.distance},
                                {"ks_real_halves", nullptr},    {"verdict", name_of(metric.likeness)}};
    if (metric.real_halves) metrics[metric.name]["ks_real_halves"] = *metric.real_halves;
  }
  Json out{{"variant", variant.variant}, {"real_runs", variant.real_runs}, {"metrics", std::move(metrics)}};
  out["switches"] = variant.switches, out["switches_from_others"] = variant.switches_from_others;
  out["notes"] = variant.notes;
  if (!variant.not_comparable.empty()) out["not_comparable"] = variant.not_comparable;
  if (!variant.failed.empty()) out["failed"] = variant.failed;
  return out;
}

}  // namespace

std::string verify_json(const VerifyHeading& heading, std::span<const VerifiedVariant> variants,
                        const std::vector<std::string>& refused) {
  Json out{{"version", heading.version},
           {"kernel", heading.kernel},
           {"scenario", heading.scenario},
           {"variants", Json::array()}};
  for (const VerifiedVariant& variant : variants) out["variants"].push_back(json_of(variant));
  if (!refused.empty()) out["refused"] = refused;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stackscope
