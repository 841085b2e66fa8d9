#pragma once
// A packet between the host under test and the script, in the terms of the script's language.
//
// One type for what a script writes and for what a host sends: they are compared field by field, and printed alike. Which
// of the two addresses is whose follows from the direction.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernel_model/net/packet.hpp"

namespace stackscope::packetdrill {

struct TcpOption {
  enum class Kind : std::uint8_t {
    kEol,
    kNop,
    kMss,
    kWindowScale,
    kSackPermitted,
    kSack,
    kTimestamps,
    kMd5,
    kFastOpen,
    kFastOpenExp
  };
  Kind kind = Kind::kNop;
  std::uint32_t value = 0, echo = 0;                          // of mss, wscale, TS: val and ecr
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sack;  // the blocks
  std::string hex;                                            // of MD5 and Fast Open: the bytes
  bool operator==(const TcpOption&) const = default;
};

enum class Transport : std::uint8_t { kTcp, kUdp, kIcmp };

/// What an ICMP message is about: the packet that it quotes.
struct Quoted {
  Transport transport = Transport::kTcp;
  std::uint32_t seq = 0, payload_bytes = 0;
  std::uint16_t local_port = 0, remote_port = 0;
};

struct Frame {
  bool is_outbound = false;  // the host under test sends it
  Transport transport = Transport::kTcp;
  std::uint16_t local_port = 0, remote_port = 0;
  std::uint8_t tos = 0;  // the traffic class with ECN's two bits
  std::uint32_t payload_bytes = 0;
  // TCP
  std::uint8_t flags = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint16_t window = 0, urgent = 0;
  std::vector<TcpOption> options;
  // ICMP, by the language's names
  std::string icmp_type, icmp_code;
  std::int64_t icmp_mtu = -1;
  Quoted quoted;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// What a script says of a packet, beside its fields: which of them it leaves open.
struct PacketSpec {
  Frame frame;
  enum class Tos : std::uint8_t { kAny, kEcn, kEct01, kAll } tos = Tos::kAny;
  bool has_window = false;
  bool has_any_options = false;  // <...>
  bool has_ports = false;
};

/// As the script's language has it: "S. 0:0(0) ack 1 win 65535 <mss 1460>". All that a frame has; or what a script says of it.
std::string text(const Frame& frame);
std::string text(const PacketSpec& spec);
std::string text(const TcpOption& option);

}  // namespace stackscope::packetdrill
