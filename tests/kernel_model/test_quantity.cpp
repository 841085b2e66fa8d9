#include <catch2/catch.hpp>

#include "kernel_model/vocabulary/quantity.hpp"

using namespace stackscope;

namespace {

std::int64_t duration(std::string_view text) {
  const ParsedQuantity parsed = parse_quantity(text, Dimension::kDuration);
  INFO(text);
  REQUIRE(!parsed.complaint);
  return parsed.value;
}

std::int64_t size(std::string_view text) {
  const ParsedQuantity parsed = parse_quantity(text, Dimension::kSize);
  INFO(text);
  REQUIRE(!parsed.complaint);
  return parsed.value;
}

Complaint refused(std::string_view text, Dimension dimension) {
  const ParsedQuantity parsed = parse_quantity(text, dimension);
  INFO(text);
  REQUIRE(parsed.complaint);
  return *parsed.complaint;
}

}  // namespace

TEST_CASE("a duration is a number and a unit, in whole nanoseconds", "[quantity]") {
  CHECK(duration("50us") == 50'000);
  CHECK(duration("0us") == 0);
  CHECK(duration("10 s") == 10'000'000'000);
  CHECK(duration("-3ns") == -3);
  CHECK(duration("2min") == 120'000'000'000);
  CHECK(duration("1.5h") == 5'400'000'000'000);
  CHECK(duration("7µs") == 7'000);
}

TEST_CASE("a decimal fraction is exact: no floating point is involved", "[quantity]") {
  CHECK(duration("1.5ms") == 1'500'000);
  CHECK(duration("0.1s") == 100'000'000);
  CHECK(duration("1.000000001s") == 1'000'000'001);
  CHECK(duration("1.50000000000000000000ms") == 1'500'000);
  CHECK(duration("9007199.254740993s") ==
        9'007'199'254'740'993);  // 2^53 + 1: a double would lose the last digit
  CHECK(size("0.5KiB") == 512);
  CHECK(size("1.25MB") == 1'250'000);
}

TEST_CASE("what does not come out even is refused, not rounded", "[quantity]") {
  CHECK(refused("0.5ns", Dimension::kDuration).message == "'0.5ns' is finer than a nanosecond");
  CHECK(refused("1.0000000001s", Dimension::kDuration).message ==
        "'1.0000000001s' is finer than a nanosecond");
  CHECK(refused("0.3KiB", Dimension::kSize).message == "'0.3KiB' is finer than a byte");
}

TEST_CASE("what does not fit is refused, not wrapped", "[quantity]") {
  CHECK(duration("9223372036.854775807s") == INT64_MAX);
  CHECK(refused("9223372036.854775808s", Dimension::kDuration).message ==
        "'9223372036.854775808s' is too large");
  CHECK(refused("99999999999999999999ns", Dimension::kDuration).message ==
        "'99999999999999999999ns' is too large");
  CHECK(refused("2562048h", Dimension::kDuration).message == "'2562048h' is too large");
}

TEST_CASE("a unit is never guessed, and a near one is suggested", "[quantity]") {
  CHECK(refused("50", Dimension::kDuration).message == "'50' has no unit");
  CHECK(refused("64kib", Dimension::kSize).help == "did you mean 'KiB'?");
  CHECK(refused("1Gbits/s", Dimension::kRate).help == "did you mean 'Gbit/s'?");
  CHECK(refused("10B", Dimension::kDuration).message == "'B' is not a unit of time");
  for (const std::string_view nonsense :
       {"", "us", ".5us", "1.us", "-", "--1us", "+1us", "1,5us", "1 2us", " 1us"}) {
    refused(nonsense, Dimension::kDuration);
  }
}

TEST_CASE("printing is canonical and gives the value back", "[quantity]") {
  CHECK(print_quantity(1'500'000, Dimension::kDuration) == "1.5ms");
  CHECK(print_quantity(999, Dimension::kDuration) == "999ns");
  CHECK(print_quantity(-20'000, Dimension::kDuration) == "-20us");
  CHECK(print_quantity(0, Dimension::kSize) == "0B");
  CHECK(print_quantity(65'536, Dimension::kSize) == "64KiB");
  CHECK(print_quantity(64'000, Dimension::kSize) == "64KB");
  CHECK(print_quantity(1'500, Dimension::kSize) == "1500B");
  CHECK(print_quantity(2'500'000'000, Dimension::kRate) == "2.5Gbit/s");

  std::uint64_t state = 2026;  // every magnitude, by a fixed generator
  for (int round = 0; round < 20'000; ++round) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto value = static_cast<std::int64_t>(state >> (1 + state % 63));
    for (const Dimension dimension : {Dimension::kDuration, Dimension::kSize, Dimension::kRate}) {
      const std::string printed = print_quantity(value, dimension);
      const ParsedQuantity parsed = parse_quantity(printed, dimension);
      INFO(value << " printed as " << printed);
      REQUIRE(!parsed.complaint);
      REQUIRE(parsed.value == value);
    }
  }
}
