#pragma once
// What a run measured: numbers, distributions and counts by name.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>

namespace stackscope {

/// Integer samples, kept exactly: each value with how often it came.
///
/// Invariant: `n` is the sum of the histogram's counts; without a sample everything is 0.
struct Distribution {
  std::int64_t n = 0, sum = 0, min = 0, max = 0;
  double mean = 0;
  std::int64_t p50 = 0, p90 = 0, p99 = 0;
  std::map<std::int64_t, std::int64_t> histogram;  ///< value to how often

  /// The least value that at least `percent` of the samples do not exceed (nearest rank). 0 without a sample.
  std::int64_t percentile(int percent) const;

  static Distribution of(std::span<const std::int64_t> values);
};

using Metric = std::variant<std::int64_t, double, Distribution, std::map<std::string, std::int64_t>>;
using Metrics = std::map<std::string, Metric, std::less<>>;

/// Prints the same everywhere: the shortest digits that read back as the same number, in the "C" locale.
std::string format_number(double value);

}  // namespace stackscope
