#include "runner/results/listing.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/runner/golden.hpp"

using namespace stackscope;

namespace {

const Paint kPlain{false};

std::vector<ListedScenario> scenarios() {
  return {
      {"echo_10k",
       "scenarios/echo_10k.toml",
       "Ten thousand clients and one epoll server",
       "One thread keeps up, because readiness costs what is ready, not what is watched.\nMore below.",
       {"many connections", "select is slow"},
       {}},
      {"nagle",
       "scenarios/nagle.toml",
       "Forty milliseconds out of nowhere",
       "Nagle's algorithm waits for an ACK that the peer delays.",
       {"40 ms latency", "small writes are slow", "delayed ACK"},
       {"baseline", "nodelay"}},
      {"thundering_herd",
       "scenarios/thundering_herd.toml",
       "Thundering herd: eight workers wait, one connection arrives",
       "Every epoll instance that watches the listener is woken, unless it was added with EPOLLEXCLUSIVE.",
       {"high CPU when a client connects", "accept returns EAGAIN"},
       {"baseline", "shared", "each-exclusive"}}};
}

std::vector<ListedKnob> knobs() {
  return {{"port", "port", "1 to 65535", "80", "The TCP port to listen on.", "before the run"},
          {"epoll", "word", "shared | each", "each",
           "Whether the workers share one epoll instance or have one each, which decides who hangs in the "
           "listener's "
           "wait queue.",
           "before the run"},
          {"think", "duration", "0ns to 10s", "0us",
           "What a worker does for a connection before it closes it.", "any time"}};
}

std::vector<std::string> found(const std::string& symptom) {
  std::vector<std::string> names;
  for (const ListedScenario& scenario : ranked_by_symptom(scenarios(), symptom))
    names.push_back(scenario.name);
  return names;
}

using Names = std::vector<std::string>;

void check_width(const std::string& text, int width) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) CHECK(display_width(line) <= width);
}

}  // namespace

TEST_CASE("list: scenarios, programs and knobs as they were approved", "[results][list][golden]") {
  const std::string list = scenario_list(scenarios(), kPlain);
  CHECK(list == approved("list_scenarios.txt", list));
  const ListedProgram herd{"herd_worker", "Accepts connections as one of many workers.", knobs()};
  const ListedProgram bare{"echo_client", "Sends and waits for the same bytes.", {}};
  const std::vector<ListedProgram> programs{herd, bare};
  const std::string catalogue = program_list(programs, kPlain);
  CHECK(catalogue == approved("list_programs.txt", catalogue));
  check_width(list, 80);
  check_width(catalogue, 80);
}

TEST_CASE("list: long names and ranges stay within the terminal", "[results][list]") {
  auto many = knobs();
  many[0].name = "host.server.a.name.that.is.far.too.long.for.a.column";
  many[1].range = "one | two | three | four | five | six | seven | eight | nine | ten | eleven";
  many[2].preset = "a default that is long as well";
  for (const int width : {70, 80, 120}) check_width(knob_list(many, kPlain, width), width);
  CHECK(knob_list({}, kPlain) == "");
}

TEST_CASE("a symptom finds the scenario that has it, the best first", "[results][list]") {
  CHECK(found("delayed") == Names{"nagle"});
  CHECK(found("why is it so SLOW?") == Names{"echo_10k", "nagle"});            // equal: by name
  CHECK(found("writes are slow") == Names{"nagle", "echo_10k"});               // both words
  CHECK(found("connecting clients") == Names{"echo_10k", "thundering_herd"});  // by their beginnings
  CHECK(found("EPOLLEXCLUSIVE") == Names{"thundering_herd"});                  // in the lesson only
  CHECK(found("a word in the title: milliseconds") == Names{"nagle"});
}

TEST_CASE("a symptom that nobody has finds nothing", "[results][list]") {
  CHECK(found("printer on fire").empty());
  CHECK(found("").empty());
  CHECK(found("the of is").empty());  // words that say nothing
}
