#include "runner/packetdrill/match.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace stackscope::packetdrill {

namespace {

std::string field(const char* name, std::uint32_t expected, std::uint32_t sent) {
  if (expected == sent) return "";
  return fmt::format("packet field {}: expected: {} ({:#x}) vs actual: {} ({:#x})", name, expected, expected,
                     sent, sent);
}

std::string flags_difference(std::uint8_t expected, std::uint8_t sent) {
  for (const auto& [flag, name] : {std::pair{tcp_flag::kFin, "tcp_fin"},
                                   {tcp_flag::kSyn, "tcp_syn"},
                                   {tcp_flag::kRst, "tcp_rst"},
                                   {tcp_flag::kPsh, "tcp_psh"},
                                   {tcp_flag::kAck, "tcp_ack"},
                                   {tcp_flag::kUrg, "tcp_urg"},
                                   {tcp_flag::kEce, "tcp_ece"},
                                   {tcp_flag::kCwr, "tcp_cwr"}}) {
    if (std::string differs = field(name, (expected & flag) != 0, (sent & flag) != 0); !differs.empty()) {
      return differs;
    }
  }
  return "";
}

std::string options_difference(const PacketSpec& expected, const Frame& sent) {
  if (expected.has_any_options || expected.frame.options == sent.options) return "";
  const auto list = [](const std::vector<TcpOption>& options) {
    std::string out;
    for (const TcpOption& option : options) out += (out.empty() ? "" : ",") + text(option);
    return out;
  };
  return fmt::format("TCP options: expected: <{}> vs actual: <{}>", list(expected.frame.options),
                     list(sent.options));
}

std::string tos_difference(const PacketSpec& expected, std::uint8_t sent) {
  using Tos = PacketSpec::Tos;
  const std::uint8_t wanted = expected.frame.tos;
  if (expected.tos == Tos::kEcn) return field("ip_ecn", wanted & 3, sent & 3);
  if (expected.tos == Tos::kAll) return field("ip_tos", wanted, sent);
  const bool is_ect01 = (sent & 3) == 1 || (sent & 3) == 2;
  return expected.tos == Tos::kEct01 && !is_ect01 ? field("ip_ecn", 2, sent & 3) : "";
}

std::string tcp_difference(const PacketSpec& expected, const Frame& sent) {
  const Frame& wanted = expected.frame;
  std::string differs = flags_difference(wanted.flags, sent.flags);
  const auto look = [&](std::string next) {
    if (differs.empty()) differs = std::move(next);
  };
  look(field("tcp_seq", wanted.seq, sent.seq));
  if (wanted.has(tcp_flag::kAck)) look(field("tcp_ack_seq", wanted.ack, sent.ack));
  look(field("tcp_data_bytes", wanted.payload_bytes, sent.payload_bytes));
  if (expected.has_window) look(field("tcp_window", wanted.window, sent.window));
  if (wanted.has(tcp_flag::kUrg)) look(field("tcp_urg_ptr", wanted.urgent, sent.urgent));
  look(options_difference(expected, sent));
  return differs;
}

std::string icmp_difference(const Frame& wanted, const Frame& sent) {
  if (wanted.icmp_type != sent.icmp_type) {
    return fmt::format("icmp type: expected: {} vs actual: {}", wanted.icmp_type, sent.icmp_type);
  }
  if (!wanted.icmp_code.empty() && wanted.icmp_code != sent.icmp_code) {
    return fmt::format("icmp code: expected: {} vs actual: {}", wanted.icmp_code, sent.icmp_code);
  }
  return wanted.icmp_mtu >= 0 && wanted.icmp_mtu != sent.icmp_mtu
             ? fmt::format("icmp mtu: expected: {} vs actual: {}", wanted.icmp_mtu, sent.icmp_mtu)
             : "";
}

std::string range_text(const Expected& expected) {
  return expected.from == expected.to ? seconds(expected.from)
                                      : fmt::format("in {}~{}", seconds(expected.from), seconds(expected.to));
}

}  // namespace

std::string difference(const PacketSpec& expected, const Frame& sent) {
  const auto name = [](Transport t) {
    return t == Transport::kTcp ? "tcp" : t == Transport::kUdp ? "udp" : "icmp";
  };
  if (expected.frame.transport != sent.transport) {
    return fmt::format("protocol: expected: {} vs actual: {}", name(expected.frame.transport),
                       name(sent.transport));
  }
  std::string differs;
  if (sent.transport == Transport::kTcp) differs = tcp_difference(expected, sent);
  if (sent.transport == Transport::kUdp) {
    differs = field("udp_bytes", expected.frame.payload_bytes, sent.payload_bytes);
  }
  if (sent.transport == Transport::kIcmp) differs = icmp_difference(expected.frame, sent);
  if (differs.empty() && expected.has_ports) {
    differs = field("source port", expected.frame.local_port, sent.local_port);
    if (differs.empty()) differs = field("destination port", expected.frame.remote_port, sent.remote_port);
  }
  return differs.empty() ? tos_difference(expected, sent.tos) : differs;
}

std::string seconds(Duration time) {
  const std::int64_t us = time / Duration::us(1);
  return fmt::format("{}{}.{:06}", us < 0 ? "-" : "", std::abs(us) / 1'000'000, std::abs(us) % 1'000'000);
}

Duration tolerance(const Options& options, const Expected& expected) {
  const Duration wait = expected.from - expected.since;
  return std::max(options.tolerance,
                  Duration::us(wait.count() / 1000 * options.tolerance_permyriad / 10'000));
}

std::string time_difference(const Options& options, const Expected& expected, Duration happened,
                            const std::string& what) {
  if (expected.kind == StepTime::Kind::kAny) return "";
  const Duration room = tolerance(options, expected);
  if (happened >= expected.from - room && happened <= expected.to + room) return "";
  return fmt::format("timing error: expected {} at {} sec but happened at {} sec; tolerance {} sec", what,
                     range_text(expected), seconds(happened), seconds(room));
}

}  // namespace stackscope::packetdrill
