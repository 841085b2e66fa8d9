// Quantiles: linear between those that are known, and a tail that is rare stays rare.

#include <catch2/catch.hpp>

#include "kernel_model/costs/cost.hpp"

namespace stackscope {
namespace {

constexpr std::int64_t kEnd = std::int64_t{1'000} * Quantiles::kLast;

TEST_CASE("quantiles: five and seven are met, and linear in between", "[costs]") {
  const Quantiles five{Duration::ns(0), Duration::ns(100), Duration::ns(200), Duration::ns(300),
                       Duration::ns(540)};
  CHECK(five.at(0) == Duration::ns(0));
  CHECK(five.at(125'000) == Duration::ns(50));
  CHECK(five.at(250'000) == Duration::ns(100));
  CHECK(five.median() == five.at(500'000));
  CHECK(five.at(870'000) == Duration::ns(420));
  CHECK(five.at(kEnd - 1) == Duration::ns(539));
  const Quantiles seven{Duration::ns(0),   Duration::ns(90),  Duration::ns(100),  Duration::ns(110),
                        Duration::ns(120), Duration::ns(130), Duration::ns(9'000)};
  CHECK(seven.at(25'000) == Duration::ns(45));
  CHECK(seven.at(50'000) == Duration::ns(90));
  CHECK(seven.median() == seven.at(500'000));
  CHECK(seven.at(950'000) == Duration::ns(130));
}

TEST_CASE("quantiles: one slow sample in twenty does not make a quarter of the draws slow", "[costs]") {
  const auto share_above = [](const Quantiles& quantiles, Duration limit) {
    std::int64_t above = 0;
    for (std::int64_t at = 0; at < kEnd; at += 1'000) above += quantiles.at(at) > limit ? 1 : 0;
    return above;
  };
  const Duration usual = Duration::ns(100), slow = Duration::us(100);
  const Quantiles five{usual, usual, usual, usual, slow},
      seven{usual, usual, usual, usual, usual, usual, slow};
  CHECK(share_above(five, 2 * usual) > 230);
  CHECK(share_above(seven, 2 * usual) <= 40);
}

}  // namespace
}  // namespace stackscope
