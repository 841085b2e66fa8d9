// What was measured on Linux 6.18 at HZ 250, and what the same rule of the timer wheel gives at other ticks and phases.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

namespace stackscope {

TEST_CASE("fact: write, write, read stalls 39 times of 40, until the delayed ACK at 40 ms and the next tick",
          "[cli][facts]") {
  const int hz = GENERATE(100, 250, 1000);
  const std::string phase = GENERATE("0ns", "300us", "900us");
  CAPTURE(hz, phase);
  const ProcessOutput run =
      run_program({"run", "scenarios/nagle_delayed_ack.toml", "--variant", "nagle", "--json", "--set",
                   "host.machine.hz=" + std::to_string(hz), "--set", "host.machine.tick_phase=" + phase});
  const auto round_trip = nlohmann::json::parse(run.out)["runs"][0]["metrics"]["round_trip"];
  const std::int64_t delayed = 40'000'000, jiffy = 1'000'000'000 / hz, work = 100'000;
  CHECK(round_trip["n"] == 40);
  CHECK(round_trip["min"] < work);  // the first escapes: a new connection acknowledges quickly
  std::int64_t stalled = 0;
  for (const auto& bin : round_trip["histogram"]) {
    if (bin["from"] >= 20'000'000) stalled += bin["count"].get<std::int64_t>();
  }
  CHECK(stalled == 39);
  CHECK((round_trip["p50"] > delayed && round_trip["p50"] < delayed + jiffy + work));
  CHECK((round_trip["max"] > delayed && round_trip["max"] < delayed + jiffy + work));
}

}  // namespace stackscope
