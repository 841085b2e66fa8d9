#pragma once
// A distribution by a few of its quantiles, linear between them.
//
// Five say little of the tails: between the third quartile and the 99th percentile lie a quarter of all draws, so one slow
// sample in fifty makes a quarter of them slow. Seven keep the rare apart from the usual.

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "sim/time.hpp"

namespace stackscope {

class Quantiles {
 public:
  static constexpr std::array<int, 5> kFive{0, 250, 500, 750,
                                            990};  // per mille: minimum, q1, median, q3, p99
  static constexpr std::array<int, 7> kSeven{0, 50, 250, 500, 750, 950, 990};  // and p5 and p95
  static constexpr int kLast = 990;  // what is rarer than one in a hundred is cut off

  constexpr Quantiles() = default;
  /// REQUIRES: five or seven, not decreasing.
  explicit Quantiles(std::span<const Duration> values) : n_(values.size()) {
    std::ranges::copy(values, values_.begin());
  }
  Quantiles(std::initializer_list<Duration> values) : Quantiles(std::span(values.begin(), values.size())) {}

  bool is_empty() const { return n_ == 0; }
  std::span<const Duration> values() const { return {values_.data(), n_}; }
  std::span<Duration> values() { return {values_.data(), n_}; }
  std::span<const int> per_milles() const {
    return n_ == kFive.size() ? std::span<const int>(kFive) : std::span<const int>(kSeven);
  }
  Duration median() const { return values_[n_ / 2]; }
  /// REQUIRES: 0 <= millionths < 1000 * kLast; not empty.
  Duration at(std::int64_t millionths) const;

  bool operator==(const Quantiles&) const = default;

 private:
  std::array<Duration, kSeven.size()> values_{};
  std::size_t n_ = 0;
};

}  // namespace stackscope
