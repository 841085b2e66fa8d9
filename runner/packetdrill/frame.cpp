#include "runner/packetdrill/frame.hpp"

#include <fmt/format.h>

namespace stackscope::packetdrill {

namespace {

// In the order in which the language writes them.
std::string flags_text(std::uint8_t flags) {
  std::string out;
  for (const auto& [flag, letter] : {std::pair{tcp_flag::kFin, 'F'},
                                     {tcp_flag::kSyn, 'S'},
                                     {tcp_flag::kRst, 'R'},
                                     {tcp_flag::kPsh, 'P'},
                                     {tcp_flag::kUrg, 'U'},
                                     {tcp_flag::kEce, 'E'},
                                     {tcp_flag::kCwr, 'W'},
                                     {tcp_flag::kAck, '.'}}) {
    if ((flags & flag) != 0) out += letter;
  }
  return out.empty() ? "-" : out;
}

std::string sequence_text(std::uint32_t seq, std::uint32_t bytes) {
  return fmt::format("{}:{}({})", seq, seq + bytes, bytes);
}

std::string ecn_text(std::uint8_t tos) {
  constexpr const char* kNames[] = {"noecn", "ect1", "ect0", "ce"};
  return kNames[tos & 3];
}

std::string options_text(const std::vector<TcpOption>& options) {
  std::string out;
  for (const TcpOption& option : options) out += (out.empty() ? "" : ",") + text(option);
  return out.empty() ? "" : " <" + out + ">";
}

std::string icmp_text(const Frame& frame) {
  std::string out = "icmp " + frame.icmp_type;
  if (!frame.icmp_code.empty()) out += " " + frame.icmp_code;
  if (frame.icmp_mtu >= 0) out += fmt::format(" mtu {}", frame.icmp_mtu);
  const Quoted& quoted = frame.quoted;
  if (quoted.transport == Transport::kUdp) return out + fmt::format(" [udp ({})]", quoted.payload_bytes);
  return out + " [" + sequence_text(quoted.seq, quoted.payload_bytes) + "]";
}

std::string tcp_text(const Frame& frame, bool has_window, const std::string& options) {
  std::string out = flags_text(frame.flags) + " " + sequence_text(frame.seq, frame.payload_bytes);
  if (frame.has(tcp_flag::kAck)) out += fmt::format(" ack {}", frame.ack);
  if (has_window) out += fmt::format(" win {}", frame.window);
  if (frame.has(tcp_flag::kUrg)) out += fmt::format(" urg {}", frame.urgent);
  return out + options;
}

std::string body_text(const Frame& frame, bool has_window, const std::string& options) {
  if (frame.transport == Transport::kUdp) return fmt::format("udp ({})", frame.payload_bytes);
  if (frame.transport == Transport::kIcmp) return icmp_text(frame);
  return tcp_text(frame, has_window, options);
}

}  // namespace

std::string text(const TcpOption& option) {
  using Kind = TcpOption::Kind;
  const auto with_bytes = [&](const char* name) {
    return option.hex.empty() ? name : name + (" " + option.hex);
  };
  switch (option.kind) {
    case Kind::kEol:
      return "eol";
    case Kind::kNop:
      return "nop";
    case Kind::kMss:
      return fmt::format("mss {}", option.value);
    case Kind::kWindowScale:
      return fmt::format("wscale {}", option.value);
    case Kind::kSackPermitted:
      return "sackOK";
    case Kind::kTimestamps:
      return fmt::format("TS val {} ecr {}", option.value, option.echo);
    case Kind::kMd5:
      return with_bytes("md5");
    case Kind::kFastOpen:
      return with_bytes("FO");
    case Kind::kFastOpenExp:
      return with_bytes("FOEXP");
    case Kind::kSack:
      break;
  }
  std::string out = "sack";
  for (const auto& [left, right] : option.sack) out += fmt::format(" {}:{}", left, right);
  return out;
}

std::string text(const Frame& frame) {
  const std::string tos = frame.tos != 0 ? "[" + ecn_text(frame.tos) + "] " : "";
  return tos + body_text(frame, true, options_text(frame.options));
}

std::string text(const PacketSpec& spec) {
  std::string tos;
  if (spec.tos == PacketSpec::Tos::kEcn) tos = "[" + ecn_text(spec.frame.tos) + "] ";
  if (spec.tos == PacketSpec::Tos::kEct01) tos = "[ect01] ";
  if (spec.tos == PacketSpec::Tos::kAll) tos = fmt::format("[tos {:#x}] ", spec.frame.tos);
  const std::string options = spec.has_any_options ? " <...>" : options_text(spec.frame.options);
  return tos + body_text(spec.frame, spec.has_window, options);
}

}  // namespace stackscope::packetdrill
