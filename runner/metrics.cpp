#include "runner/metrics.hpp"

#include <fmt/format.h>

namespace stackscope {

std::int64_t Distribution::percentile(int percent) const {
  const std::int64_t rank = (n * percent + 99) / 100;
  std::int64_t seen = 0;
  for (const auto& [value, count] : histogram) {
    seen += count;
    if (seen >= rank) return value;
  }
  return max;
}

Distribution Distribution::of(std::span<const std::int64_t> values) {
  Distribution all;
  for (const std::int64_t value : values) ++all.histogram[value], ++all.n, all.sum += value;
  if (all.n == 0) return all;
  all.min = all.histogram.begin()->first;
  all.max = all.histogram.rbegin()->first;
  all.mean = static_cast<double>(all.sum) / static_cast<double>(all.n);
  all.p50 = all.percentile(50), all.p90 = all.percentile(90), all.p99 = all.percentile(99);
  return all;
}

std::string format_number(double value) { return fmt::format("{}", value); }

}  // namespace stackscope
