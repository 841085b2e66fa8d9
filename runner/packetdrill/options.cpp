// What a script says at its head.

#include <algorithm>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <iterator>

#include "runner/packetdrill/script.hpp"
#include "sim/suggest.hpp"

namespace stackscope::packetdrill {

namespace {

using Wrong = std::optional<Complaint>;

/// A whole number in [least, most], as `into` takes it.
template <class Number>
Wrong read_number(std::string_view value, std::int64_t least, std::int64_t most, Number& into) {
  const std::optional<std::int64_t> number = parse_integer(value);
  if (!number || *number < least || *number > most) {
    return Complaint{fmt::format("'{}' is no whole number from {} to {}", value, least, most), ""};
  }
  into = static_cast<Number>(*number);
  return {};
}

Wrong set_ip_version(Options& options, std::string_view value) {
  if (value == "ipv4") return options.ip_version = IpVersion::kIpv4, Wrong{};
  if (value == "ipv4-mapped-ipv6") return options.ip_version = IpVersion::kIpv4MappedIpv6, Wrong{};
  if (value == "ipv6") return options.ip_version = IpVersion::kIpv6, Wrong{};
  return Complaint{fmt::format("there is no IP version '{}'", value), "ipv4, ipv4-mapped-ipv6 or ipv6"};
}

Wrong set_address(std::string& into, std::string_view value) {
  const std::string address(value.substr(0, value.find('/')));
  in6_addr room;
  if (inet_pton(AF_INET, address.c_str(), &room) != 1 && inet_pton(AF_INET6, address.c_str(), &room) != 1) {
    return Complaint{fmt::format("'{}' is no IP address", value), ""};
  }
  into = address;
  return {};
}

Wrong set_tolerance(Options& options, std::string_view value) {
  std::int64_t us = 0;
  if (Wrong wrong = read_number(value, 0, 3'600'000'000, us)) return wrong;
  options.tolerance = Duration::us(us);
  return {};
}

/// "3.25", of which hundredths count.
Wrong set_tolerance_percent(Options& options, std::string_view value) {
  const std::size_t dot = std::min(value.find('.'), value.size());
  std::string fraction(value.substr(std::min(dot + 1, value.size())));
  fraction.resize(2, '0');
  std::int64_t whole = 0, hundredths = 0;
  if (Wrong wrong = read_number(value.substr(0, dot), 0, 100, whole)) return wrong;
  if (Wrong wrong = read_number(fraction, 0, 99, hundredths)) return wrong;
  options.tolerance_permyriad = whole * 100 + hundredths;
  return {};
}

Wrong set_define(Options& options, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    return Complaint{"a definition says what stands for what", "--define=NAME=VALUE"};
  options.defines[std::string(value.substr(0, equals))] = value.substr(equals + 1);
  return {};
}

Wrong set_non_fatal(Options& options, std::string_view value) {
  while (!value.empty()) {
    const std::string_view one = value.substr(0, value.find(','));
    if (one != "packet" && one != "syscall") {
      return Complaint{fmt::format("'{}' is neither packet nor syscall", one), ""};
    }
    (one == "packet" ? options.non_fatal_packet : options.non_fatal_syscall) = true;
    value.remove_prefix(std::min(one.size() + 1, value.size()));
  }
  return {};
}

Wrong set_init_scripts(Options& options, std::string_view value) {
  while (!value.empty()) {
    const std::string_view one = value.substr(0, value.find(','));
    options.init_scripts.emplace_back(one);
    value.remove_prefix(std::min(one.size() + 1, value.size()));
  }
  return {};
}

/// Of the real network's set-up or of output; it changes nothing that a script could see here.
Wrong accept(Options&, std::string_view) { return {}; }

struct Known {
  std::string_view name;
  Wrong (*set)(Options&, std::string_view);
};
constexpr Known kKnown[] = {
    {"ip_version", set_ip_version},
    {"local_ip", [](Options& o, std::string_view v) { return set_address(o.local_ip, v); }},
    {"remote_ip", [](Options& o, std::string_view v) { return set_address(o.remote_ip, v); }},
    {"mtu", [](Options& o, std::string_view v) { return read_number(v, 576, 65535, o.mtu); }},
    {"bind_port", [](Options& o, std::string_view v) { return read_number(v, 1, 65535, o.bind_port); }},
    {"connect_port", [](Options& o, std::string_view v) { return read_number(v, 1, 65535, o.connect_port); }},
    {"tolerance_usecs", set_tolerance},
    {"tolerance_percent", set_tolerance_percent},
    {"tcp_ts_tick_usecs",
     [](Options& o, std::string_view v) { return read_number(v, 0, 1'000'000, o.tcp_ts_tick_usecs); }},
    {"define", set_define},
    {"non_fatal", set_non_fatal},
    {"init_scripts", set_init_scripts},
    {"gateway_ip", accept},
    {"netmask_ip", accept},
    {"speed", accept},
    {"code_command", accept},
    {"code_format", accept},
    {"code_sockopt", accept},
    {"send_omit_free", accept},
    {"strict_segments", accept},
    {"persistent_tun_dev", accept},
    {"debug", accept},
    {"verbose", accept}};

}  // namespace

std::optional<Complaint> set_option(Options& options, std::string_view name, std::string_view value) {
  const Known* const known = std::ranges::find(kKnown, name, &Known::name);
  if (known != std::end(kKnown)) return known->set(options, value);
  const std::string near = suggestion(name, option_names());
  return Complaint{fmt::format("there is no option --{}", name),
                   near.empty() ? "" : fmt::format("did you mean --{}?", near)};
}

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  return names;
}

}  // namespace stackscope::packetdrill
