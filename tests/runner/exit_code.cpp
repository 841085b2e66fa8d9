#include "runner/results/exit_code.hpp"

#include <catch2/catch.hpp>

using namespace stackscope;

namespace {

RunResult ended(Outcome outcome) {
  RunResult run;
  run.outcome = std::move(outcome);
  return run;
}

RunResult failed() {
  RunResult run;
  run.expectations = {{"a == 1", "baseline", true, "", ""}, {"b == 1", "baseline", false, "b is 2", ""}};
  return run;
}

int code(const std::vector<RunResult>& runs, std::size_t unreadable = 0) {
  return static_cast<int>(exit_code_of(runs, unreadable));
}

}  // namespace

TEST_CASE("each outcome has its code", "[results][exit]") {
  CHECK(code({ended(Completed{})}) == 0);
  CHECK(code({failed()}) == 1);
  CHECK(code({}, 1) == 2);
  CHECK(code({ended(Mismatch{})}) == 3);
  CHECK(code({ended(LimitReached{})}) == 4);
  CHECK(code({ended(NoProgress{})}) == 4);
  CHECK(code({}) == 5);
  CHECK(code({ended(InternalError{})}) == 70);
}

TEST_CASE("of many outcomes the least trustworthy decides, in any order", "[results][exit]") {
  // From the weakest to the strongest: adding the next one always changes the code to its own.
  const std::vector<std::pair<RunResult, int>> rising{{ended(Completed{}), 0},
                                                      {failed(), 1},
                                                      {ended(NoProgress{}), 4},
                                                      {ended(Mismatch{}), 3},
                                                      {ended(InternalError{}), 70}};
  std::vector<RunResult> runs;
  for (const auto& [run, expected] : rising) {
    runs.push_back(run);
    CHECK(code(runs) == expected);
    CHECK(code({runs.rbegin(), runs.rend()}) == expected);
    CHECK(code(runs, 1) == (expected == 70 ? 70 : 2));
  }
}

TEST_CASE("a run that was cut short is not blamed for what it could not yet show", "[results][exit]") {
  RunResult run = failed();
  run.outcome = LimitReached{"1 s of simulated time"};
  CHECK(code({run}) == 4);
  CHECK_FALSE(run.passed());
}
