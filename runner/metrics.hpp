#pragma once
// What a run measured, under names: counts, ratios, distributions, and any of these for each key (a worker, a
// host).

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/script/value.hpp"

namespace stackscope {

/// Prints the same on every compiler and machine: the shortest digits that read back as the same number. A
/// fraction keeps its point ("2.0"), so that a count and a mean can be told apart.
std::string format_number(std::int64_t number);
std::string format_number(double number);

/// Integers that were collected, all of them: percentiles are exact.
class Distribution {
 public:
  void add(std::int64_t value);
  void add(std::int64_t value, std::int64_t times);
  void merge(const Distribution& other);

  std::int64_t n() const { return static_cast<std::int64_t>(values_.size()); }
  bool is_empty() const { return values_.empty(); }

  // REQUIRES: not empty.
  std::int64_t min() const;
  std::int64_t max() const;
  double mean() const;
  /// Nearest rank: the smallest value that at least this share of all values does not exceed. 500 is the
  /// median. REQUIRES: not empty, 0 <= per_mille <= 1000.
  std::int64_t percentile(int per_mille) const;

  /// Kolmogorov and Smirnov's distance: the largest difference between the shares of values that do not exceed something.
  /// 0 where both have every value equally often, 1 where all of one lie below all of the other. REQUIRES: neither is empty.
  double distance(const Distribution& other) const;

  /// Exact up to the ends of int64, where it stays.
  std::int64_t sum() const;

  /// How many values lie in [from, to]. Where the values span fewer than 64 integers each has a bucket; else
  /// buckets begin at 0, ±1, ±2, ±5, ±10, ±20, ±50 …  Ascending, empty buckets left out.
  struct Bucket {
    std::int64_t from, to;
    std::int64_t count;
    bool operator==(const Bucket&) const = default;
  };
  std::vector<Bucket> histogram() const;

 private:
  const std::vector<std::int64_t>& sorted() const;

  mutable std::vector<std::int64_t> values_;  // sorted when first asked; the order of arrival means nothing
  mutable bool is_sorted_ = true;
};

using PlainMetric = std::variant<std::int64_t, double, Distribution>;
/// "2" before "10": keys are mostly ordinals.
using PerKey = std::map<std::string, PlainMetric, script::NaturalOrder>;
using Metric = std::variant<std::int64_t, double, Distribution, PerKey>;

struct MeasuredMetric {
  Metric value;
  std::string unit;  // "ns", "bytes", or "" for counts
};

/// By name, in alphabetical order. A name may have dots: "request.latency" is `latency` of `request` in an
/// expression.
class Metrics {
 public:
  void set(std::string name, Metric value, std::string unit = {});
  /// The distribution of this name, made when first asked for. REQUIRES: the name is no other kind of metric.
  Distribution& distribution(const std::string& name, std::string_view unit = {});
  std::int64_t& count(const std::string& name, std::string_view unit = {});

  const MeasuredMetric* find(std::string_view name) const;
  std::vector<std::string> names() const;
  auto begin() const { return metrics_.begin(); }
  auto end() const { return metrics_.end(); }

 private:
  std::map<std::string, MeasuredMetric, std::less<>> metrics_;
};

/// Counters under the kernel's names (TcpExtListenOverflows), as nstat prints them.
using Counters = std::map<std::string, std::int64_t, std::less<>>;

/// A distribution's fields in an expression: n sum min max mean p50 p90 p99. All but n and sum are absent,
/// with a reason, where nothing was collected.
script::Value script_value(std::string path, const Metric& metric);

/// What expressions can say of these metrics: paths as Sandbox::check wants them.
std::vector<std::string> script_paths(const Metrics& metrics);
std::span<const std::string> distribution_fields();

/// Whatever `name` means: a metric, or the first part of dotted names; nullopt for neither.
std::optional<script::Value> find_in(const Metrics& metrics, std::string_view name);

}  // namespace stackscope
