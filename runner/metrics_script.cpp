// Metrics as an expression sees them.

#include <fmt/format.h>
#include <optional>

#include "runner/metrics.hpp"

namespace stackscope {
namespace {

using script::Table;
using script::Value;

Value distribution_table(std::string path, const Distribution& values) {
  Table table{std::move(path), {{"n", values.n()}, {"sum", values.sum()}}, {}};
  if (values.is_empty()) {
    for (const char* field : {"min", "max", "mean", "p50", "p90", "p99"}) {
      table.absent.emplace(field, fmt::format("{} is empty: it has no {}", table.path, field));
    }
    return table;
  }
  table.fields.emplace("min", values.min());
  table.fields.emplace("max", values.max());
  table.fields.emplace("mean", values.mean());
  table.fields.emplace("p50", values.percentile(500));
  table.fields.emplace("p90", values.percentile(900));
  table.fields.emplace("p99", values.percentile(990));
  return table;
}

Value plain_value(std::string path, const PlainMetric& metric) {
  if (const auto* whole = std::get_if<std::int64_t>(&metric)) return *whole;
  if (const auto* real = std::get_if<double>(&metric)) return *real;
  return distribution_table(std::move(path), std::get<Distribution>(metric));
}

Value per_key_table(std::string path, const PerKey& metric) {
  Table table{std::move(path), {}, {}};
  for (const auto& [key, value] : metric) {
    table.fields.emplace(key, plain_value(fmt::format("{}[{}]", table.path, key), value));
  }
  return table;
}

/// The metrics whose names begin with `path` and a dot, as fields of one table.
Value group(const Metrics& metrics, std::string_view path) {
  Table table{std::string{path}, {}, {}};
  const std::string prefix = table.path + ".";
  for (const auto& [name, metric] : metrics) {
    if (!name.starts_with(prefix)) continue;
    const std::string part = name.substr(prefix.size(), name.find('.', prefix.size()) - prefix.size());
    if (table.fields.contains(part)) continue;
    if (std::optional<Value> value = find_in(metrics, prefix + part)) {
      table.fields.emplace(part, *std::move(value));
    }
  }
  return table;
}

}  // namespace

Value script_value(std::string path, const Metric& metric) {
  if (const auto* whole = std::get_if<std::int64_t>(&metric)) return *whole;
  if (const auto* real = std::get_if<double>(&metric)) return *real;
  if (const auto* keys = std::get_if<PerKey>(&metric)) return per_key_table(std::move(path), *keys);
  return distribution_table(std::move(path), std::get<Distribution>(metric));
}

std::span<const std::string> distribution_fields() {
  static const std::vector<std::string> fields{"n", "sum", "min", "max", "mean", "p50", "p90", "p99"};
  return fields;
}

std::vector<std::string> script_paths(const Metrics& metrics) {
  std::vector<std::string> paths;
  for (const auto& [name, metric] : metrics) {
    paths.push_back(name);
    if (!std::holds_alternative<Distribution>(metric.value)) continue;
    for (const std::string& field : distribution_fields()) paths.push_back(name + "." + field);
  }
  return paths;
}

std::optional<Value> find_in(const Metrics& metrics, std::string_view name) {
  if (const MeasuredMetric* metric = metrics.find(name))
    return script_value(std::string{name}, metric->value);
  Value value = group(metrics, name);
  if (value.table()->fields.empty()) return std::nullopt;
  return value;
}

}  // namespace stackscope
