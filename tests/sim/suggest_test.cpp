#include "sim/suggest.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace stackscope;

TEST_CASE("a misspelt name finds the name that was meant", "[suggest]") {
  const std::vector<std::string> known{"threads", "trigger", "think", "exclusive", "TcpExtListenOverflows"};
  CHECK(suggestion("thraeds", known) == "threads");     // two neighbours swapped
  CHECK(suggestion("exclusiv", known) == "exclusive");  // one dropped
  CHECK(suggestion("triggger", known) == "trigger");    // one too many
  CHECK(suggestion("thonk", known) == "think");         // one changed
  CHECK(suggestion("tcpextlistenoverflow", known) == "TcpExtListenOverflows");
}

TEST_CASE("a swap is one mistake, not two", "[suggest]") {
  CHECK(suggestion("maen", std::vector<std::string>{"mean"}) == "mean");
  CHECK(suggestion("ab", std::vector<std::string>{"ba"}) == "ba");
}

TEST_CASE("dashes are underscores", "[suggest]") {
  CHECK(suggestion("napi-budget", std::vector<std::string>{"weight", "napi_budget"}) == "napi_budget");
}

TEST_CASE("what resembles nothing is not guessed at", "[suggest]") {
  const std::vector<std::string> known{"threads", "mean", "n"};
  CHECK(suggestion("banana", known).empty());
  CHECK(suggestion("x", known).empty());  // "n" is one change away, but shares no letter
  CHECK(suggestion("", known).empty());
  CHECK(suggestion("threads", {}).empty());
  CHECK(suggestion(std::string(100'000, 'x'), known).empty());
}

TEST_CASE("of equally close names the first one wins", "[suggest]") {
  CHECK(suggestion("p98", std::vector<std::string>{"p99", "p90"}) == "p99");
  CHECK(suggestion("p98", std::vector<std::string>{"p90", "p99"}) == "p90");
}
