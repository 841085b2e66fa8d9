#include "runner/metrics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace stackscope {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr std::uint64_t kFewValues = 64;

Wide total(const std::vector<std::int64_t>& values) {
  Wide sum = 0;
  for (const std::int64_t value : values) sum += value;
  return sum;
}

/// 0, 1, 2, 5, 10, 20, 50 … as far as int64 goes: where buckets of magnitudes begin.
std::vector<std::int64_t> bucket_starts() {
  std::vector<std::int64_t> starts{0};
  for (std::int64_t decade = 1;; decade *= 10) {
    for (const std::int64_t step : {1, 2, 5}) {
      if (decade > kLargest / step) return starts;
      starts.push_back(decade * step);
    }
    if (decade > kLargest / 10) return starts;
  }
}

/// Below zero buckets mirror those above it: [−4, −2] is [2, 4] with its sign.
Distribution::Bucket bucket_of(std::int64_t value, const std::vector<std::int64_t>& starts) {
  const std::int64_t magnitude = value == kSmallest ? kLargest : std::abs(value);
  const auto next = std::upper_bound(starts.begin(), starts.end(), magnitude);
  const std::int64_t from = *(next - 1);
  const std::int64_t to = next == starts.end() ? kLargest : *next - 1;
  if (value >= 0) return {from, to, 0};
  return {to == kLargest ? kSmallest : -to, -from, 0};
}

}  // namespace

std::string format_number(std::int64_t number) { return fmt::format("{}", number); }

std::string format_number(double number) {
  if (number == 0) return "0.0";  // and not "-0.0"
  std::string text = fmt::format("{}", number);
  const bool whole = text.find_first_not_of("-0123456789") == std::string::npos;
  return whole ? text + ".0" : text;
}

void Distribution::add(std::int64_t value) {
  is_sorted_ = is_sorted_ && (values_.empty() || values_.back() <= value);
  values_.push_back(value);
}

void Distribution::add(std::int64_t value, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) add(value);
}

void Distribution::merge(const Distribution& other) {
  const std::vector<std::int64_t> added = other.values_;  // it may be this one
  values_.insert(values_.end(), added.begin(), added.end());
  is_sorted_ = values_.empty();
}

const std::vector<std::int64_t>& Distribution::sorted() const {
  if (!is_sorted_) std::sort(values_.begin(), values_.end());
  is_sorted_ = true;
  return values_;
}

std::int64_t Distribution::min() const { return assert(!is_empty()), sorted().front(); }
std::int64_t Distribution::max() const { return assert(!is_empty()), sorted().back(); }

double Distribution::mean() const {
  assert(!is_empty());
  const Wide sum = total(values_), count = n();
  // The whole part apart, so that nothing is lost where the sum has more digits than a double.
  return static_cast<double>(sum / count) + static_cast<double>(sum % count) / static_cast<double>(count);
}

std::int64_t Distribution::percentile(int per_mille) const {
  assert(!is_empty() && per_mille >= 0 && per_mille <= 1000);
  const std::int64_t rank = std::max<std::int64_t>(1, (n() * per_mille + 999) / 1000);
  return sorted()[static_cast<std::size_t>(rank - 1)];
}

double Distribution::distance(const Distribution& other) const {
  assert(!is_empty() && !other.is_empty());
  const std::vector<std::int64_t>&a = sorted(), &b = other.sorted();
  const Wide a_size = n(), b_size = other.n();
  Wide largest = 0;  // times both sizes: a distance of 0 is exactly 0
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::int64_t value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == value) ++i;
    while (j < b.size() && b[j] == value) ++j;
    const Wide difference = static_cast<Wide>(i) * b_size - static_cast<Wide>(j) * a_size;
    largest = std::max(largest, difference < 0 ? -difference : difference);
  }
  return static_cast<double>(largest) / static_cast<double>(a_size * b_size);
}

std::int64_t Distribution::sum() const {
  return static_cast<std::int64_t>(std::clamp<Wide>(total(values_), kSmallest, kLargest));
}

std::vector<Distribution::Bucket> Distribution::histogram() const {
  std::vector<Bucket> buckets;
  if (is_empty()) return buckets;
  const bool few = static_cast<std::uint64_t>(max()) - static_cast<std::uint64_t>(min()) < kFewValues;
  const std::vector<std::int64_t> starts = few ? std::vector<std::int64_t>{} : bucket_starts();
  for (const std::int64_t value : sorted()) {
    if (buckets.empty() || value > buckets.back().to) {
      buckets.push_back(few ? Bucket{value, value, 0} : bucket_of(value, starts));
    }
    ++buckets.back().count;
  }
  return buckets;
}

void Metrics::set(std::string name, Metric value, std::string unit) {
  metrics_.insert_or_assign(std::move(name), MeasuredMetric{std::move(value), std::move(unit)});
}

Distribution& Metrics::distribution(const std::string& name, std::string_view unit) {
  const auto [at, made] = metrics_.try_emplace(name, MeasuredMetric{Distribution{}, std::string{unit}});
  auto* held = std::get_if<Distribution>(&at->second.value);
  assert(held && "the name is another kind of metric");
  return *held;
}

std::int64_t& Metrics::count(const std::string& name, std::string_view unit) {
  const auto [at, made] = metrics_.try_emplace(name, MeasuredMetric{std::int64_t{0}, std::string{unit}});
  auto* held = std::get_if<std::int64_t>(&at->second.value);
  assert(held && "the name is another kind of metric");
  return *held;
}

const MeasuredMetric* Metrics::find(std::string_view name) const {
  const auto found = metrics_.find(name);
  return found == metrics_.end() ? nullptr : &found->second;
}

std::vector<std::string> Metrics::names() const {
  std::vector<std::string> names;
  for (const auto& [name, metric] : metrics_) names.push_back(name);
  return names;
}

}  // namespace stackscope
