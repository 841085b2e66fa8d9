#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/userland/fake_crowd_port.hpp"
#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;

TEST_CASE("connect_crowd: a request is the connecting; then the connection is held and closed",
          "[connect_crowd]") {
  FakeCrowdPort port(connect_crowd(arguments_of("connect_crowd", {{"clients", "2"}, {"hold", "1ms"}})));
  port.run();
  CHECK(port.lines == Lines{"0: connect 0", "0: request 0 begins on 0", "10000: connect 1",
                            "10000: request 1 begins on 1", "20000: request 0 ends on 0",
                            "30000: request 1 ends on 1", "1020000: close 0", "1030000: close 1",
                            "1030000: finish"});
}

TEST_CASE("connect_crowd: who is refused, or reset while it holds, is noted once, and the others go on",
          "[connect_crowd]") {
  FakeCrowdPort port(
      connect_crowd(arguments_of("connect_crowd", {{"clients", "3"}, {"every", "0us"}, {"hold", "1ms"}})));
  port.refuse_connection(0);
  port.reset_connection(1, Duration::us(500));
  port.run();
  const auto count = [&](std::string_view text) {
    return std::count_if(port.lines.begin(), port.lines.end(),
                         [&](const std::string& line) { return line.find(text) != std::string::npos; });
  };
  CHECK(count("note \"failed: connection\" 111") == 1);
  CHECK(count("note \"failed: connection\" 104") == 1);
  CHECK(count("ends on") == 2);
  CHECK(count("close 2") == 1);
  CHECK(port.lines.back().ends_with("finish"));
}
