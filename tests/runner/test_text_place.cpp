// An expression's error has the file's line and column, whatever TOML did to its text.

#include <catch2/catch.hpp>

#include "runner/scenario/text_place.hpp"

using namespace stackscope;

namespace {

/// Where `part` of the first expectation's value is said to stand.
Span place_of(const std::string& that, const std::string& part) {
  const LoadedScenario loaded = load_scenario("x.toml", "version = 1\n[[expect]]\nthat = " + that + "\n");
  REQUIRE(loaded.expectations.size() == 1);
  const LocatedText& text = loaded.expectations.front().that;
  const std::size_t offset = text.text.find(part);
  REQUIRE(offset != std::string::npos);
  return place_within(text, offset, part.size());
}

void check_points_at(const std::string& that, const std::string& part, std::uint32_t line,
                     std::uint32_t column) {
  const Span place = place_of(that, part);
  CHECK(place.line == line);
  CHECK(place.column == column);
  CHECK(place.text() == part);
}

}  // namespace

TEST_CASE("a part of a string is found in the file", "[scenario][errors]") {
  SECTION("on one line") { check_points_at("\"a == bcd\"", "bcd", 3, 14); }
  SECTION("between single quotes") { check_points_at("'a == bcd'", "bcd", 3, 14); }
  SECTION("behind letters of several bytes") { check_points_at("\"'µµ' == bcd\"", "bcd", 3, 17); }
  SECTION("behind escapes") { check_points_at("\"\\\"\\u00b5\\\" == bcd\"", "bcd", 3, 23); }
  SECTION("over several lines, of which the first does not count") {
    check_points_at("\"\"\"\na ==\n  bcd\"\"\"", "bcd", 5, 3);
  }
  SECTION("over several lines in single quotes") { check_points_at("'''a ==\n  bcd'''", "bcd", 4, 3); }
  SECTION("where lines are joined") { check_points_at("\"\"\"a == \\\n\n    bcd\"\"\"", "bcd", 5, 5); }
}
