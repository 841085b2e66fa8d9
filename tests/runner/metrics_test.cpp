#include "runner/metrics.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace stackscope;

namespace {
Distribution of(std::initializer_list<std::int64_t> values) {
  Distribution distribution;
  for (const std::int64_t value : values) distribution.add(value);
  return distribution;
}
using Bucket = Distribution::Bucket;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
}  // namespace

TEST_CASE("numbers print with the fewest digits that read back", "[metrics]") {
  CHECK(format_number(std::int64_t{-42}) == "-42");
  CHECK(format_number(2.0) == "2.0");
  CHECK(format_number(0.1) == "0.1");
  CHECK(format_number(0.1 + 0.2) == "0.30000000000000004");
  CHECK(format_number(1.0 / 3) == "0.3333333333333333");
  CHECK(format_number(-0.0) == "0.0");
  CHECK(format_number(1e300) == "1e+300");
}

TEST_CASE("percentiles are exact, by nearest rank", "[metrics]") {
  const Distribution five = of({50, 15, 40, 20, 35});
  CHECK(five.percentile(300) == 20);
  CHECK(five.percentile(400) == 20);
  CHECK(five.percentile(401) == 35);
  CHECK(five.percentile(500) == 35);
  CHECK(five.percentile(1000) == 50);
  CHECK(five.percentile(0) == 15);
  Distribution hundred;
  for (int i = 100; i >= 1; --i) hundred.add(i);
  CHECK(hundred.percentile(990) == 99);
  CHECK(hundred.percentile(991) == 100);
}

TEST_CASE("a distribution goes on after it was asked", "[metrics]") {
  Distribution values = of({3, 1});
  CHECK(values.max() == 3);
  values.add(2), values.add(7, 2);
  CHECK(values.percentile(400) == 2);
  CHECK((values.n() == 5 && values.sum() == 20 && values.min() == 1 && values.max() == 7));
  CHECK(values.mean() == 4.0);
  values.merge(values);
  CHECK((values.n() == 10 && values.percentile(100) == 1 && values.percentile(101) == 1));
}

TEST_CASE("sums stay at the ends of int64, means do not", "[metrics]") {
  const Distribution huge = of({kLargest, kLargest - 2});
  CHECK(huge.sum() == kLargest);
  CHECK(huge.mean() == Approx(9.223372036854775807e18));
  CHECK(of({kSmallest, kSmallest}).sum() == kSmallest);
}

TEST_CASE("a histogram of few integers has each of them, a wide one has decades", "[metrics]") {
  CHECK(Distribution{}.histogram().empty());
  CHECK(of({8, 1, 8}).histogram() == std::vector<Bucket>{{1, 1, 1}, {8, 8, 2}});
  CHECK(
      of({0, 1, 4, 2, 9, 4'000, 1'999}).histogram() ==
      std::vector<Bucket>{{0, 0, 1}, {1, 1, 1}, {2, 4, 2}, {5, 9, 1}, {1'000, 1'999, 1}, {2'000, 4'999, 1}});
  CHECK(of({-300, -3, 0, 3}).histogram() ==
        std::vector<Bucket>{{-499, -200, 1}, {-4, -2, 1}, {0, 0, 1}, {2, 4, 1}});
  const auto widest = of({kSmallest, 0, kLargest}).histogram();
  REQUIRE(widest.size() == 3);
  CHECK((widest.front().from == kSmallest && widest.back().to == kLargest));
}

TEST_CASE("metrics come in the order of their names, keys in that of numbers", "[metrics]") {
  Metrics metrics;
  metrics.count("wakeups") += 3;
  metrics.distribution("request.latency", "ns").add(5);
  metrics.set("accepts", PerKey{{"10", 1}, {"9", 2}, {"2", 3}});
  CHECK(metrics.names() == std::vector<std::string>{"accepts", "request.latency", "wakeups"});
  std::string keys;
  for (const auto& [key, value] : std::get<PerKey>(metrics.find("accepts")->value)) keys += key + " ";
  CHECK(keys == "2 9 10 ");
  CHECK(metrics.find("request.latency")->unit == "ns");
  CHECK(metrics.find("request") == nullptr);
  metrics.distribution("request.latency").add(7);
  CHECK(metrics.distribution("request.latency").n() == 2);
}
