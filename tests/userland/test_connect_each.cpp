#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/userland/fake_crowd_port.hpp"
#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;

TEST_CASE("connect_each: connections begin at multiples of `every`", "[connect_each]") {
  FakeSyscalls os;
  os.now = Instant::ns(7);  // not at the beginning of the run
  SECTION("each is noted, made and closed; the last one's time passes too") {
    connect_each(os, arguments_of("connect_each", {{"connections", "2"}}));
    CHECK(os.lines == Lines{"socket(blocking) = 3", "note \"connection\" 0", "connect(3, 167772161, 80) = 0",
                            "close(3) = 0", "nanosleep(9980000) = 0", "socket(blocking) = 4",
                            "note \"connection\" 1", "connect(4, 167772161, 80) = 0", "close(4) = 0",
                            "nanosleep(9980000) = 0"});
    CHECK(os.now == Instant::ns(20'000'007));
  }
  SECTION("a connection that takes longer than `every` skips turns, and the rest keep their times") {
    connect_each(os, arguments_of("connect_each", {{"connections", "2"}, {"hold", "25ms"}}));
    CHECK(os.has_line("nanosleep(25000000) = 0"));
    CHECK(os.has_line("nanosleep(4980000) = 0"));
    CHECK(os.now == Instant::ns(60'000'007));
  }
  SECTION("every = 0: one after the other, without a rest") {
    connect_each(os, arguments_of("connect_each", {{"connections", "3"}, {"every", "0us"}}));
    CHECK(os.calls_of("nanosleep") == 0);
    CHECK(os.calls_of("connect") == 3);
  }
}

TEST_CASE("connect_each: a connection that fails is noted, and the next is made", "[connect_each]") {
  FakeSyscalls os;
  os.answer("connect", {-ECONNREFUSED, 0});
  connect_each(os, arguments_of("connect_each", {{"connections", "2"}, {"hold", "1ms"}}));
  CHECK(os.has_line("note \"failed: connect\" 111"));
  CHECK(os.calls_of("connect") == 2);
  CHECK(os.calls_of("close") == 2);
  CHECK(os.calls_of("nanosleep") == 3);  // the refused one was not held
  SECTION("but without descriptors it ends") {
    os.news();
    os.answer("socket", {-EMFILE});
    connect_each(os, arguments_of("connect_each"));
    CHECK(os.news() == Lines{"socket(blocking) = -24", "note \"failed: socket\" 24"});
  }
}

TEST_CASE("connect_each on a peer keeps the same times", "[connect_each][crowd]") {
  FakeCrowdPort port(
      connect_each_crowd(arguments_of("connect_each", {{"connections", "2"}, {"hold", "25ms"}})));
  port.run();
  CHECK(port.lines == Lines{"0: note \"connection\" 0", "0: connect 0", "25020000: close 0",
                            "30000000: note \"connection\" 1", "30000000: connect 1", "55020000: close 1",
                            "60000000: finish"});
}

TEST_CASE("connect_each on a peer: refused, and reset while it is held", "[connect_each][crowd]") {
  FakeCrowdPort port(
      connect_each_crowd(arguments_of("connect_each", {{"connections", "2"}, {"hold", "1ms"}})));
  SECTION("refused") {
    port.refuse_connection(0);
    port.run();
    CHECK(port.lines == Lines{"0: note \"connection\" 0", "0: connect 0",
                              "20000: note \"failed: connect\" 111", "10000000: note \"connection\" 1",
                              "10000000: connect 1", "11020000: close 1", "20000000: finish"});
  }
  SECTION("reset: nothing is left to close, and nobody else is disturbed") {
    port.reset_connection(0, Duration::us(500));
    port.run();
    CHECK(port.lines == Lines{"0: note \"connection\" 0", "0: connect 0", "10000000: note \"connection\" 1",
                              "10000000: connect 1", "11020000: close 1", "20000000: finish"});
  }
}
