#pragma once
// Simulated time: integer nanoseconds, because a fingerprint must not depend on how a compiler rounds.

#include <compare>
#include <cstdint>

namespace stackscope {

/// A span of simulated time in nanoseconds; may be negative.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration ns(std::int64_t n) { return Duration{n}; }
  static constexpr Duration us(std::int64_t n) { return Duration{n * 1'000}; }
  static constexpr Duration ms(std::int64_t n) { return Duration{n * 1'000'000}; }
  static constexpr Duration s(std::int64_t n) { return Duration{n * 1'000'000'000}; }
  static constexpr Duration max() { return Duration{INT64_MAX}; }

  constexpr std::int64_t count() const { return ns_; }
  constexpr explicit operator bool() const { return ns_ != 0; }
  constexpr auto operator<=>(const Duration&) const = default;

  constexpr Duration operator-() const { return Duration{-ns_}; }
  constexpr Duration& operator+=(Duration d) { return ns_ += d.ns_, *this; }
  constexpr Duration& operator-=(Duration d) { return ns_ -= d.ns_, *this; }
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration{a.ns_ + b.ns_}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration{a.ns_ - b.ns_}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return Duration{a.ns_ * n}; }
  friend constexpr Duration operator*(std::int64_t n, Duration a) { return Duration{a.ns_ * n}; }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return Duration{a.ns_ / n}; }
  friend constexpr std::int64_t operator/(Duration a, Duration b) { return a.ns_ / b.ns_; }
  friend constexpr Duration operator%(Duration a, Duration b) { return Duration{a.ns_ % b.ns_}; }

 private:
  constexpr explicit Duration(std::int64_t n) : ns_(n) {}
  std::int64_t ns_ = 0;
};

/// A moment: nanoseconds since the simulation began.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant at(Duration since_start) { return Instant{since_start.count()}; }
  static constexpr Instant ns(std::int64_t n) { return Instant{n}; }
  static constexpr Instant never() { return Instant{INT64_MAX}; }

  constexpr std::int64_t count() const { return ns_; }
  constexpr Duration since_start() const { return Duration::ns(ns_); }
  constexpr auto operator<=>(const Instant&) const = default;

  constexpr Instant& operator+=(Duration d) { return ns_ += d.count(), *this; }
  friend constexpr Instant operator+(Instant t, Duration d) { return Instant{t.ns_ + d.count()}; }
  friend constexpr Instant operator-(Instant t, Duration d) { return Instant{t.ns_ - d.count()}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration::ns(a.ns_ - b.ns_); }

 private:
  constexpr explicit Instant(std::int64_t n) : ns_(n) {}
  std::int64_t ns_ = 0;
};

}  // namespace stackscope
