#include "runner/results/tap.hpp"

#include <catch2/catch.hpp>

#include "tests/runner/golden.hpp"
#include "tests/runner/sample_results.hpp"

using namespace stackscope;

TEST_CASE("TAP: a line a verdict, and a block under what failed", "[results][tap][golden]") {
  const std::string text = tap(sample::failing_herd(), "0.1.0");
  CHECK(text == approved("herd_failing.tap", text));
}

TEST_CASE("TAP: a description is not a directive", "[results][tap]") {
  RunResult run;
  run.scenario = "s";
  run.expectations = {{"#t == 1 \\ # SKIP\nnot ok", "baseline", true, "", ""}};
  CHECK(tap(std::span(&run, 1), "0.1.0") ==
        "TAP version 14\n1..2\n"
        "ok 1 - s.baseline: runs to its end\n"
        "ok 2 - s.baseline: \\#t == 1 \\\\ \\# SKIP not ok\n");
}

TEST_CASE("TAP: nothing to check is a plan of nothing", "[results][tap]") {
  CHECK(tap({}, "0.1.0") == "TAP version 14\n1..0\n");
}

TEST_CASE("TAP: what did not run is not ok", "[results][tap]") {
  const NotRun refused{
      "s", "", "refused", {{"s.toml:1:2", "no such thing", "write another"}, {"", "nor this", ""}}};
  CHECK(tap({}, "0.1.0", {&refused, 1}) ==
        "TAP version 14\n1..1\n"
        "not ok 1 - s: runs to its end\n"
        "  ---\n"
        "  message: \"s.toml:1:2: no such thing; write another\\nnor this\"\n"
        "  severity: error\n"
        "  ...\n");
}
