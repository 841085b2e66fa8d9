#include <catch2/catch.hpp>

#include "tests/userland/fake_crowd_port.hpp"
#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;

TEST_CASE("syn_flood: a SYN at each of its times, and then it is done", "[syn_flood]") {
  FakeCrowdPort port(syn_flood(arguments_of("syn_flood", {{"syns", "3"}, {"every", "1ms"}})));
  port.run();
  CHECK(port.lines == Lines{"0: spoof 0 to port 80", "1000000: spoof 1 to port 80",
                            "2000000: spoof 2 to port 80", "2000000: finish"});
}

TEST_CASE("syn_flood: who may not forge addresses says so, once", "[syn_flood]") {
  FakeCrowdPort port(syn_flood(arguments_of("syn_flood", {{"syns", "3"}, {"every", "0us"}})));
  port.spoofing = -1;
  port.run();
  CHECK(port.lines == Lines{"0: spoof 0 to port 80", "0: note \"failed: spoof\" 1", "0: finish"});
}
