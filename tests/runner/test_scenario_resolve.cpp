// What a scenario means: hosts, runs, variants, and what the command line sets.

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runner/scenario/scenario.hpp"

using namespace stackscope;

namespace {

const std::string kFolder = std::string(STACKSCOPE_SOURCE_DIR) + "/scenarios/";

Scenario load(const std::string& name) {
  LoadedScenario loaded = load_scenario_file(kFolder + name);
  INFO(render(loaded.errors));
  REQUIRE(loaded.scenario);
  return std::move(*loaded.scenario);
}

ResolvedScenario resolved(const Scenario& scenario, std::string_view variant,
                          std::vector<std::string> sets = {}) {
  Resolution resolution = resolve(scenario, variant, sets);
  INFO(render(resolution.errors));
  REQUIRE(resolution.scenario);
  return std::move(*resolution.scenario);
}

std::string refused(const Scenario& scenario, std::string_view variant, std::vector<std::string> sets) {
  return render(resolve(scenario, variant, sets).errors);
}

}  // namespace

TEST_CASE("the herd: eight workers and their clients on one CPU", "[scenario]") {
  const Scenario herd = load("thundering_herd.toml");
  const ResolvedScenario baseline = resolved(herd, kBaseline);
  REQUIRE(baseline.hosts.size() == 1);
  CHECK(baseline.hosts[0].own.integer("cpus") == 1);
  CHECK(baseline.limits.until == Duration::s(10));
  REQUIRE(baseline.runs.size() == 2);
  const RunSpec& workers = baseline.runs[0];
  CHECK(workers.program == find_program("herd_worker"));
  CHECK(workers.threads == 8);
  CHECK(workers.policy == Policy{Policy::Class::kFifo, 50, 0});
  CHECK(workers.args.text("epoll") == "each");
  CHECK(workers.args.integer("backlog") == 4096);  // a default of the program
  const RunSpec& clients = baseline.runs[1];
  CHECK(clients.args.duration("every") == Duration::ms(10));
  CHECK(clients.args.address("to").host == "server");
  CHECK(clients.args.address("to").port == 80);
  CHECK(clients.start == Duration::ms(10));
}

TEST_CASE("the herd has the variants that its table shows, and expects something of each", "[scenario]") {
  const Scenario herd = load("thundering_herd.toml");
  std::vector<std::string> names;
  for (const Variant& variant : herd.variants) {
    names.push_back(variant.name);
    INFO(variant.name);
    CHECK(!variant.title.empty());
    CHECK(std::any_of(herd.expectations.begin(), herd.expectations.end(),
                      [&](const ExpectSpec& e) { return e.variant == variant.name; }));
    resolved(herd, variant.name);
  }
  CHECK(names == std::vector<std::string>{"shared", "each", "shared-reuseport", "each-reuseport",
                                          "shared-exclusive", "each-exclusive", "shared-edge", "each-edge",
                                          "each-edge-exclusive", "blocking-accept", "blocking-poll", "wire"});
}

TEST_CASE("a variant changes what it names and nothing else", "[scenario][variant]") {
  const Scenario herd = load("thundering_herd.toml");
  const ResolvedScenario baseline = resolved(herd, kBaseline), exclusive = resolved(herd, "each-exclusive");
  CHECK(exclusive.variant == "each-exclusive");
  CHECK(exclusive.runs[0].args.flag("exclusive"));
  CHECK(exclusive.runs[0].args.text("epoll") == "each");
  CHECK(exclusive.runs[1].args == baseline.runs[1].args);
  CHECK(exclusive.hosts[0].own == baseline.hosts[0].own);
}

TEST_CASE("the wire variant moves the clients to a peer", "[scenario][variant]") {
  const ResolvedScenario wire = resolved(load("thundering_herd.toml"), "wire");
  CHECK(wire.runs[1].on == "remote");
  CHECK(wire.runs[1].on_peer);
  REQUIRE(wire.links.size() == 1);
  CHECK(wire.links[0].own.duration("delay") == Duration::us(20));
  CHECK(wire.links[0].own.bits_per_second("rate") == 10'000'000'000);
}

TEST_CASE("what --set says goes the same ways as a variant, after it", "[scenario][set]") {
  const Scenario herd = load("thundering_herd.toml");
  const ResolvedScenario set = resolved(
      herd, "each-exclusive",
      {"run.workers.args.exclusive=false", "run.workers.args.think=50us", "run.workers.threads=4",
       "host.server.cpus=2", "run.workers.affinity=[0, 1]", "host.server.sysctl.net.core.somaxconn=128",
       "host.server.nic.rx_ring=64", "host.server.sysctl.net.ipv4.tcp_rmem=4096 8192 16384",
       "link.wire.delay=\"1ms\"", "seed=7", "until=never", "run.clients.policy=other:-5"});
  CHECK(!set.runs[0].args.flag("exclusive"));
  CHECK(set.runs[0].args.duration("think") == Duration::us(50));
  CHECK(set.runs[0].threads == 4);
  CHECK(set.runs[0].affinity == std::vector<int>{0, 1});
  CHECK(set.runs[1].policy == Policy{Policy::Class::kOther, 0, -5});
  CHECK(set.hosts[0].own.integer("cpus") == 2);
  CHECK(set.hosts[0].nic.integer("rx_ring") == 64);
  CHECK(set.hosts[0].sysctl.integer("net.core.somaxconn") == 128);
  CHECK(set.hosts[0].sysctl.integers("net.ipv4.tcp_rmem")[2] == 16384);
  CHECK(set.links[0].own.duration("delay") == Duration::ms(1));
  CHECK(set.seed == 7);
  CHECK(set.limits.until == Duration::max());
}

TEST_CASE("another program keeps the arguments that it shares with the former", "[scenario][set]") {
  const ResolvedScenario set = resolved(load("thundering_herd.toml"), "wire",
                                        {"run.clients.args.clients=9", "run.clients.program=echo_crowd"});
  CHECK(set.runs[1].program == find_program("echo_crowd"));
  CHECK(set.runs[1].args.address("to").host == "server");
  CHECK(set.runs[1].args.duration("every") == Duration::ms(10));
  CHECK(set.runs[1].args.integer("clients") == 9);
  CHECK(!set.runs[1].args.has("connections"));
}

TEST_CASE("errors of the command line point at its text, all at once", "[scenario][set][errors]") {
  CHECK(refused(load("thundering_herd.toml"), "each-exlusive",
                {"run.wrokers.threads=4", "run.workers.args.think=50", "threads",
                 "run.workers.args.exclusiv=true"}) ==
        "--variant:1:1: error: there is no variant 'each-exlusive'\n"
        "    1 | each-exlusive\n"
        "      | ^~~~~~~~~~~~~\n"
        "help: did you mean 'each-exclusive'?\n"
        "--set:1:5: error: there is no run 'wrokers'\n"
        "    1 | run.wrokers.threads=4\n"
        "      |     ^~~~~~~\n"
        "help: did you mean 'workers'?\n"
        "--set:2:24: error: 'think' = 50 has no unit\n"
        "    2 | run.workers.args.think=50\n"
        "      |                        ^~\n"
        "help: write \"50us\", \"1.5ms\" or \"10s\"\n"
        "--set:3:1: error: 'threads' is not PATH=VALUE\n"
        "    3 | threads\n"
        "      | ^~~~~~~\n"
        "help: for example --set run.workers.args.port=8080\n"
        "--set:4:18: error: program 'herd_worker' has no 'exclusiv'\n"
        "    4 | run.workers.args.exclusiv=true\n"
        "      |                  ^~~~~~~~\n"
        "help: did you mean 'exclusive'?\n");
}

TEST_CASE("every scenario of the folder loads, and each of its variants resolves", "[scenario]") {
  for (const std::string name : {"thundering_herd.toml", "first_request.toml", "echo_10k.toml"}) {
    const Scenario scenario = load(name);
    INFO(name);
    CHECK(!scenario.expectations.empty());
    CHECK(!scenario.steps.empty());
    CHECK(!scenario.lesson.empty());
    for (const Variant& variant : scenario.variants) resolved(scenario, variant.name);
  }
}

TEST_CASE("sysctls and variants may be written as dotted keys or quoted", "[scenario]") {
  const std::string head =
      "version = 1\ntitle = \"t\"\n[[run]]\nname = \"w\"\nprogram = \"herd_worker\"\non = \"h\"\n";
  const auto threads = [&](const std::string& more) {
    LoadedScenario loaded = load_scenario("f", head + "[host.h.sysctl]\n" + more);
    INFO(render(loaded.errors));
    REQUIRE(loaded.scenario);
    const ResolvedScenario v = resolved(*loaded.scenario, "v");
    return std::pair(v.runs[0].threads, v.hosts[0].sysctl.integer("net.core.somaxconn"));
  };
  CHECK(threads("\"net.core.somaxconn\" = 1\n[variant.v]\n\"run.w.threads\" = 3\n") ==
        std::pair(3, std::int64_t{1}));
  CHECK(threads("net.core.somaxconn = 1\n[variant.v]\nrun.w.threads = 3\n"
                "host.h.sysctl.net.core.somaxconn = 2\n") == std::pair(3, std::int64_t{2}));
}

TEST_CASE("the JSON schema has every key that the reader has", "[scenario][schema]") {
  const auto schema = nlohmann::json::parse(scenario_json_schema());
  const auto& properties = schema["properties"];
  for (const char* key : {"version", "title", "columns", "host", "peer", "link", "run", "variant",
                          "reference", "expect", "step", "until", "max_events", "seed"}) {
    INFO(key);
    CHECK(properties.contains(key));
  }
  CHECK(schema["required"] == nlohmann::json::array({"version", "title", "run"}));
  const auto& host = properties["host"]["additionalProperties"]["properties"];
  CHECK(host["cpus"]["maximum"] == 64);
  CHECK(host["hz"]["enum"] == nlohmann::json::array({100, 250, 1000}));
  CHECK(host["sysctl"]["properties"].contains("net.ipv4.tcp_rmem"));
  const auto& run = properties["run"]["items"];
  CHECK(run["properties"]["program"]["anyOf"][0]["enum"].size() == programs().size());
  CHECK(run["allOf"][0]["then"]["properties"]["args"]["additionalProperties"] == false);
}
