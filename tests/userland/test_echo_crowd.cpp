#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/userland/fake_crowd_port.hpp"
#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;

TEST_CASE("echo_crowd: clients start one after another; each sends its next message when the answer is whole",
          "[echo_crowd]") {
  FakeCrowdPort port(
      echo_crowd(arguments_of("echo_crowd", {{"clients", "2"}, {"messages", "2"}, {"think", "1us"}})));
  port.run();
  CHECK(port.lines == Lines{"0: connect 0", "10000: connect 1", "20000: request 0 begins on 0",
                            "30000: request 2 begins on 1", "60000: request 0 ends on 0",
                            "61000: request 1 begins on 0", "70000: request 2 ends on 1",
                            "71000: request 3 begins on 1", "101000: request 1 ends on 0", "101000: close 0",
                            "111000: request 3 ends on 1", "111000: close 1", "111000: finish"});
}

TEST_CASE("echo_crowd: every = 0 connects all clients in the same instant", "[echo_crowd]") {
  FakeCrowdPort port(
      echo_crowd(arguments_of("echo_crowd", {{"clients", "3"}, {"messages", "1"}, {"every", "0us"}})));
  port.run();
  CHECK(Lines(port.lines.begin(), port.lines.begin() + 3) ==
        Lines{"0: connect 0", "0: connect 1", "0: connect 2"});
  CHECK(port.lines.back() == "60000: finish");
}

TEST_CASE("echo_crowd: a message larger than the socket's room goes out in parts, while its answer comes in",
          "[echo_crowd]") {
  FakeCrowdPort port(
      echo_crowd(arguments_of("echo_crowd", {{"clients", "1"}, {"messages", "2"}, {"size", "2500B"}})));
  port.room = 1000;
  port.run();
  // Three parts of 40 us each; without a think time the next message goes out at once.
  CHECK(port.lines == Lines{"0: connect 0", "20000: request 0 begins on 0", "140000: request 0 ends on 0",
                            "140000: request 1 begins on 0", "260000: request 1 ends on 0", "260000: close 0",
                            "260000: finish"});
}

TEST_CASE("echo_crowd: a client that loses its connection is noted, and the others go on", "[echo_crowd]") {
  FakeCrowdPort port(
      echo_crowd(arguments_of("echo_crowd", {{"clients", "2"}, {"messages", "2"}, {"think", "1ms"}})));
  const auto has = [&](std::string_view line) {
    return std::find(port.lines.begin(), port.lines.end(), line) != port.lines.end();
  };
  SECTION("refused") {
    port.refuse_connection(0);
    port.run();
    CHECK(has("20000: note \"failed: connection\" 111"));
  }
  SECTION("reset while it thinks: its timer finds nothing to do") {
    port.reset_connection(0, Duration::us(500));
    port.run();
    CHECK(has("520000: note \"failed: connection\" 104"));
    CHECK(!has("1060000: request 1 begins on 0"));
  }
  SECTION("ended by the server in the middle of an answer") {
    port.room = 10;
    port.end_after(0, 10);
    port.run();
    CHECK(has("60000: note \"answer cut short\" 0"));
  }
  SECTION("more bytes than were sent") {
    port.too_many = 3;
    port.run();
    CHECK(has("60000: note \"answer too long\" 3"));
    CHECK(has("60000: close 0"));
  }
  CHECK(port.lines.back().ends_with("finish"));
  CHECK(std::count_if(port.lines.begin(), port.lines.end(),
                      [](const auto& line) { return line.ends_with("ends on 1"); }) == 2);
}
