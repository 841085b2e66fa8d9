#include <catch2/catch.hpp>
#include <set>

#include "userland/catalogue.hpp"

using namespace stackscope;

TEST_CASE("every program says what it is, and every argument has a sentence and a valid default",
          "[catalogue]") {
  std::set<std::string_view> names;
  for (const ProgramSpec& program : programs()) {
    INFO(program.name);
    CHECK(names.insert(program.name).second);
    CHECK(program.sentence.ends_with('.'));
    CHECK(find_program(program.name) == &program);
    std::set<std::string_view> arguments;
    for (const Parameter& parameter : program.parameters) {
      INFO(parameter.name);
      CHECK(arguments.insert(parameter.name).second);
      CHECK(parameter.sentence.ends_with('.'));
      if (!parameter.required) CHECK_NOTHROW(default_argument(parameter));
    }
  }
  CHECK(find_program("herd_wroker") == nullptr);
}

TEST_CASE("a client that may stand on a peer has a crowd body", "[catalogue]") {
  CHECK(find_program("connect_each")->runs_on_peers());
  CHECK(find_program("echo_crowd")->runs_on_peers());
  CHECK(!find_program("echo_client")->runs_on_peers());
  CHECK(!find_program("herd_worker")->runs_on_peers());
}
