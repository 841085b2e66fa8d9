#include <catch2/catch.hpp>

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "kernel_model/vocabulary/parameter.hpp"

using namespace stackscope;

namespace {

ParsedArgument parse(std::span<const Parameter> table, std::string_view name, Written written) {
  const Parameter* parameter = find_parameter(table, name);
  REQUIRE(parameter);
  return parse_argument(*parameter, written);
}

std::string complaint(std::span<const Parameter> table, std::string_view name, Written written) {
  const ParsedArgument parsed = parse(table, name, std::move(written));
  REQUIRE(parsed.complaint);
  return parsed.complaint->message + " | " + parsed.complaint->help;
}

}  // namespace

TEST_CASE("a host that says nothing is a modern Linux", "[parameter]") {
  const Arguments host(host_parameters());
  CHECK(host.integer("cpus") == 1);
  CHECK(host.integer("hz") == 250);
  CHECK(host.text("jitter") == "off");
  const Arguments sysctl(sysctl_parameters());
  CHECK(sysctl.integer("net.core.somaxconn") == 4096);
  CHECK(sysctl.text("net.ipv4.tcp_congestion_control") == "cubic");
  CHECK(sysctl.integers("net.ipv4.tcp_rmem")[1] == 131072);
  CHECK(sysctl.integers("net.ipv4.ip_local_port_range")[0] == 32768);
}

TEST_CASE("the softirq's time limit is two jiffies unless it is set", "[parameter]") {
  Arguments host(host_parameters()), sysctl(sysctl_parameters());
  CHECK(netdev_budget_time(host, sysctl) == Duration::ms(8));
  host.set("hz", parse(host_parameters(), "hz", {std::int64_t{1000}, ""}).argument);
  CHECK(netdev_budget_time(host, sysctl) == Duration::ms(2));
  const std::string_view name = "net.core.netdev_budget_usecs";
  sysctl.set(name, parse(sysctl_parameters(), name, {std::int64_t{500}, ""}).argument);
  CHECK(netdev_budget_time(host, sysctl) == Duration::us(500));
}

TEST_CASE("type, unit and range are checked where a value is read", "[parameter]") {
  CHECK(complaint(host_parameters(), "cpus", {std::int64_t{65}, ""}) ==
        "'cpus' = 65 is out of range | 1 to 64 CPUs; default 1");
  CHECK(complaint(host_parameters(), "hz", {std::int64_t{300}, ""}) ==
        "'hz' cannot be 300 | one of 100, 250, 1000");
  CHECK(complaint(host_parameters(), "cpus", {std::string("2"), ""}) ==
        "'cpus' wants an integer, not a string | for example 1");
  CHECK(complaint(host_parameters(), "tick_phase", {std::int64_t{4}, ""}) ==
        "'tick_phase' = 4 has no unit | write \"50us\", \"1.5ms\" or \"10s\"");
  CHECK(complaint(host_parameters(), "tick_phase", {std::string("11ms"), ""}) ==
        "'tick_phase' = 11ms is out of range | 0ns to 10ms; default 0ns");
  CHECK(complaint(host_parameters(), "jitter", {std::string("mesured"), ""}) ==
        "'jitter' cannot be 'mesured' | did you mean 'measured'?");
  CHECK(complaint(host_parameters(), "profile", {std::monostate{}, "a table"}) ==
        "'profile' wants a string, not a table | for example linux-6.18-epyc-vm");
}

TEST_CASE("a sysctl of several numbers is written as sysctl(8) writes it", "[parameter]") {
  const std::string_view name = "net.ipv4.tcp_rmem";
  const ParsedArgument text = parse(sysctl_parameters(), name, {std::string("4096\t8192  16384"), ""});
  REQUIRE(!text.complaint);
  CHECK(text.argument.numbers == std::vector<std::int64_t>{4096, 8192, 16384});
  CHECK(parse(sysctl_parameters(), name, {std::vector<std::int64_t>{4096, 8192, 16384}, ""}).argument ==
        text.argument);
  CHECK(complaint(sysctl_parameters(), name, {std::string("4096 8192"), ""})
            .starts_with("'net.ipv4.tcp_rmem' wants 3 numbers, not 2"));
  CHECK(complaint(sysctl_parameters(), name, {std::string("8192 4096 9000"), ""})
            .starts_with("the numbers of 'net.ipv4.tcp_rmem' must not descend"));
}

TEST_CASE("every default prints as something that reads back as the default", "[parameter]") {
  for (const auto table :
       {host_parameters(), nic_parameters(), sysctl_parameters(), peer_parameters(), link_parameters()}) {
    for (const Parameter& parameter : table) {
      INFO(parameter.name);
      CHECK(!parameter.sentence.empty());
      CHECK(parameter.sentence.ends_with('.'));
      const Argument argument = default_argument(parameter);
      const std::string printed = print_argument(parameter, argument);
      const bool bare = parameter.kind == ParameterKind::kInteger && printed != parameter.word;
      const Written written = bare ? Written{*parse_integer(printed), ""} : Written{printed, ""};
      CHECK(parse_argument(parameter, written).argument == argument);
    }
  }
}

TEST_CASE("a peer has the sysctls of TCP, and not those of the softirq", "[parameter]") {
  CHECK(find_parameter(peer_sysctl_parameters(), "net.ipv4.tcp_rmem"));
  CHECK(!find_parameter(peer_sysctl_parameters(), "net.core.netdev_budget"));
}
