// `stackscope verify`: what it makes of samples, and what it refuses to compare. The real runs are in tests/parity.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runner/verify/carry.hpp"
#include "runner/verify/report.hpp"
#include "runner/verify/verify.hpp"

namespace stackscope {
namespace {

Distribution of(std::initializer_list<std::int64_t> values) {
  Distribution all;
  for (const std::int64_t value : values) all.add(value);
  return all;
}

/// `ones` ones and `twos` twos.
Distribution counts(std::int64_t ones, std::int64_t twos) {
  Distribution all;
  all.add(1, ones), all.add(2, twos);
  return all;
}

ComparedMetric metric(Distribution model, Distribution real, std::string unit = "") {
  ComparedMetric made{"returns_per_connection", std::move(unit), std::move(model), std::move(real)};
  made.distance = made.model.distance(made.real);
  made.likeness = likeness_of(made);
  return made;
}

const std::string kTwoMachines = R"(version = 1
title = "Two machines"
[host.server]
profile = "linux-6.18-epyc-vm"
cpus = 3
[host.other]
profile = "linux-6.18-epyc-vm"
[host.server.sysctl]
"net.core.somaxconn" = 16
"net.core.netdev_budget" = 16
[peer.remote]
[link.wire]
between = ["server", "remote"]
[link.cable]
between = ["server", "other"]
[[run]]
name = "server"
program = "echo_server"
on = "server"
affinity = [2]
[[run]]
name = "client"
program = "echo_client"
on = "server"
start = "1ms"
policy = "other:5"
args = { to = "server:80" }
[variant.far]
"run.client.on" = "other"
[variant.crowd]
"run.client.program" = "echo_crowd"
[variant.remote]
"run.client.program" = "echo_crowd"
"run.client.on" = "remote"
)";

CarriedOver carried(const std::string& variant, std::vector<int> cpus = {0, 1, 2, 3},
                    std::string_view real = "loopback") {
  const LoadedScenario loaded = load_scenario("two.toml", kTwoMachines);
  REQUIRE(loaded.scenario.has_value());
  const Resolution resolution = resolve(*loaded.scenario, variant, {});
  REQUIRE(resolution.scenario.has_value());
  CarriedOver result = carry_over(*resolution.scenario, real, cpus);
  for (RealProgram& program : result.programs) program.body = {};  // it refers to what ends here
  return result;
}

VerifiedVariant variant_with(std::vector<ComparedMetric> metrics) {
  VerifiedVariant variant;
  variant.variant = "each", variant.title = "an epoll instance for each worker";
  variant.metrics = std::move(metrics), variant.real_runs = 5;
  return variant;
}

}  // namespace

TEST_CASE("the distance of samples is the largest difference between their shares", "[verify]") {
  CHECK(of({1, 1, 1}).distance(of({1})) == 0);
  CHECK(of({1, 2}).distance(of({2, 1, 2, 1})) == 0);
  CHECK(of({1, 2, 3}).distance(of({7, 8})) == 1);
  CHECK(of({7, 8}).distance(of({1, 2, 3})) == 1);
  CHECK(counts(90, 10).distance(counts(40, 60)) == 0.5);
  CHECK(of({1, 3}).distance(of({2, 2})) == 0.5);
  CHECK(of({INT64_MIN}).distance(of({INT64_MAX})) == 1);
}

TEST_CASE("equal is equal, alike is near or what chance does, and times are not judged", "[verify]") {
  CHECK(metric(counts(90, 10), counts(450, 50)).likeness == Likeness::kEqual);
  CHECK(metric(counts(90, 10), counts(250, 50)).likeness == Likeness::kAlike);
  CHECK(metric(counts(100, 0), counts(100, 200)).likeness == Likeness::kDiffers);
  CHECK(metric(counts(3, 1), counts(1, 3)).likeness == Likeness::kAlike);  // of four, that is chance
  CHECK(metric(counts(100, 0), counts(0, 300), "ns").likeness == Likeness::kTime);
  ComparedMetric nothing{"returns_per_connection", "", counts(1, 0), {}};
  CHECK(likeness_of(nothing) == Likeness::kDiffers);
}

TEST_CASE("programs of one host are carried over, with what they were promised", "[verify]") {
  const CarriedOver found = carried("baseline");
  CHECK(found.not_comparable.empty());
  REQUIRE(found.programs.size() == 2);
  const RealProgram &server = found.programs[0], &client = found.programs[1];
  CHECK(server.name == "echo_server");
  CHECK(server.serves);
  CHECK(server.start == Duration{});
  CHECK(server.affinity == std::vector{3});  // the last of the three that the host has: 1, 2 and 3
  CHECK_FALSE(client.serves);
  CHECK(client.affinity == std::vector{1, 2, 3});
  CHECK(client.nice == 5);
  CHECK(client.start > Duration::ms(1));  // processes need time until they are there
  CHECK(found.notes ==
        std::vector<std::string>{"net.core.netdev_budget is not set on the kernel underneath"});
  REQUIRE(found.sysctls.size() == 1);  // a network namespace has its own
  CHECK(found.sysctls[0].name == "net.core.somaxconn");
  CHECK(found.sysctls[0].value == "16");
}

TEST_CASE("a crowd on the host itself is carried over, one elsewhere is not", "[verify]") {
  CHECK(carried("crowd").not_comparable.empty());
  CHECK(carried("remote").not_comparable ==
        "'client' runs on peer 'remote', behind a link that this machine does not have");
  CHECK(carried("far").not_comparable == "it runs on hosts 'server' and 'other', and this is one machine");
}

TEST_CASE("a machine with fewer CPUs says so", "[verify]") {
  const CarriedOver found = carried("baseline", {0, 5});
  REQUIRE(found.notes.size() == 2);
  CHECK(found.notes[1] == "'server' has 3 CPUs, and this machine lends 2: counts need not agree");
  CHECK(found.programs[1].affinity == std::vector{0, 5});
}

TEST_CASE("a scenario that says no gives its reason", "[verify]") {
  CHECK(carried("baseline", {0}, "no: it would take a day").not_comparable == "it would take a day");
  CHECK(carried("baseline", {0}, "veth").not_comparable == "real = \"veth\" cannot be run yet");
}

TEST_CASE("a table has two rows a metric, and fits", "[verify]") {
  VerifiedVariant variant = variant_with({metric(counts(90, 10), counts(40, 60)),
                                          metric(of({14'800, 15'000, 15'600}), of({19'000}), "ns"),
                                          metric(counts(1, 0), counts(5, 0))});
  variant.metrics[0].real_halves = 0.1;
  const std::string table = verify_table(variant, Paint(false));
  CHECK(table == R"(
each: an epoll instance for each worker
                n  median     quartiles  differs by   K–S  itself
────────────────────────────────────────────────────────────────────────────
returns/conn  100       1           1–1
  real        100       2           1–2          +1  0.50    0.10  ✘ differs
returns/conn    3   15 us  14.8–15.6 us
  real          1   19 us                     +4 us  1.00
returns/conn    1       1
  real          5       1                         0     0          ✔ equal
)");
  CHECK(verify_totals({&variant, 1}, Paint(false))
            .ends_with("✘ 1 variant: 1 count equal, 0 alike, 1 differ\n"));
}

TEST_CASE("the real runs are compared with each other too, the first half with the rest", "[verify]") {
  const auto run = [](Distribution returns) {
    Metrics metrics;
    metrics.set("returns_per_connection", std::move(returns));
    return metrics;
  };
  const std::array real{run(counts(90, 10)), run(counts(40, 60)), run(counts(60, 40))};
  const std::vector<ComparedMetric> all = compared(run(counts(50, 50)), real, {});
  REQUIRE(all.size() == 1);
  CHECK(all[0].real.n() == 300);
  CHECK(all[0].real_halves == 0.4);  // 90 of 100 ones, and 100 of 200
  CHECK_FALSE(compared(run(counts(1, 0)), std::span(real).first(1), {})[0].real_halves.has_value());
}

TEST_CASE("what was not compared says why, in lines that fit", "[verify]") {
  VerifiedVariant refused = variant_with({});
  refused.not_comparable = std::string(30, 'x') + " " + std::string(50, 'y') + " " + std::string(20, 'z');
  for (const int width : {40, 80}) {
    std::istringstream lines(verify_table(refused, Paint(false), width) +
                             verify_totals({&refused, 1}, Paint(false), width));
    for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= width);
  }
  CHECK(verify_table(refused, Paint(false)).find("not comparable: ") != std::string::npos);
  VerifiedVariant stuck = variant_with({metric(counts(1, 0), counts(1, 0))});
  stuck.failed = "no real run ended by its deadline";
  const std::string table = verify_table(stuck, Paint(false));
  CHECK(table.find("✘ no real run ended") != std::string::npos);
  CHECK(table.find("equal") == std::string::npos);
}

TEST_CASE("JSON has both kernels' numbers", "[verify]") {
  const VerifiedVariant variant = variant_with({metric(counts(90, 10), counts(40, 60))});
  const auto json =
      nlohmann::json::parse(verify_json({"herd", "herd.toml", "", "6.18.1", "0.1.0"}, {&variant, 1}));
  CHECK(json["kernel"] == "6.18.1");
  const auto& returns = json["variants"][0]["metrics"]["returns_per_connection"];
  CHECK(returns["model"]["n"] == 100);
  CHECK(returns["real"]["p50"] == 2);
  CHECK(returns["ks_distance"] == 0.5);
  CHECK(returns["ks_real_halves"].is_null());
  CHECK(returns["verdict"] == "differs");
  CHECK_FALSE(json["variants"][0].contains("not_comparable"));
}

}  // namespace stackscope
