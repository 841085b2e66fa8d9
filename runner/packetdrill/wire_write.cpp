// Frames to bytes.

#include <netinet/in.h>
#include <string>

#include "runner/packetdrill/icmp_names.hpp"
#include "runner/packetdrill/wire_format.hpp"

namespace stackscope::packetdrill {

namespace {

using Bytes = std::vector<std::uint8_t>;
using Kind = TcpOption::Kind;

constexpr std::uint8_t kHops = 64;
constexpr std::uint16_t kDoNotFragment = 0x4000;

/// The network's byte order.
void put(Bytes& to, std::size_t bytes, std::uint32_t value) {
  for (std::size_t i = bytes; i-- > 0;) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
void set16(Bytes& to, std::size_t at, std::uint16_t value) {
  to[at] = static_cast<std::uint8_t>(value >> 8), to[at + 1] = static_cast<std::uint8_t>(value);
}
void put_address(Bytes& to, const IpBytes& address, bool by_ipv6) {
  to.insert(to.end(), address.begin(), address.begin() + (by_ipv6 ? 16 : 4));
}

/// The ones' complement sum that RFC 1071 has, of 16-bit words from `from` on.
std::uint32_t sum(const Bytes& bytes, std::size_t from, std::uint32_t start) {
  for (std::size_t i = from; i < bytes.size(); ++i) start += (i - from) % 2 == 0 ? bytes[i] * 256u : bytes[i];
  return start;
}
std::uint16_t folded(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put_hex(Bytes& to, const std::string& hex) {
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    to.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
}

void put_option(Bytes& to, const TcpOption& option) {
  const auto head = [&](std::uint8_t kind, std::size_t length) {
    to.push_back(kind), to.push_back(static_cast<std::uint8_t>(length));
  };
  switch (option.kind) {
    case Kind::kEol:
      return to.push_back(0);
    case Kind::kNop:
      return to.push_back(1);
    case Kind::kMss:
      return head(2, 4), put(to, 2, option.value);
    case Kind::kWindowScale:
      return head(3, 3), put(to, 1, option.value);
    case Kind::kSackPermitted:
      return head(4, 2);
    case Kind::kSack:
      head(5, 2 + 8 * option.sack.size());
      for (const auto& [left, right] : option.sack) put(to, 4, left), put(to, 4, right);
      return;
    case Kind::kTimestamps:
      return head(8, 10), put(to, 4, option.value), put(to, 4, option.echo);
    case Kind::kMd5:
      return head(19, 2 + option.hex.size() / 2), put_hex(to, option.hex);
    case Kind::kFastOpen:
      return head(34, 2 + option.hex.size() / 2), put_hex(to, option.hex);
    case Kind::kFastOpenExp:
      return head(254, 4 + option.hex.size() / 2), put(to, 2, 0xf989), put_hex(to, option.hex);
  }
}

Bytes tcp(const Frame& frame) {
  Bytes options;
  for (const TcpOption& option : frame.options) put_option(options, option);
  while (options.size() % 4 != 0) options.push_back(0);
  Bytes out;
  put(out, 2, frame.remote_port), put(out, 2, frame.local_port);
  put(out, 4, frame.seq), put(out, 4, frame.ack);
  put(out, 1, static_cast<std::uint32_t>((20 + options.size()) / 4 << 4)), put(out, 1, frame.flags);
  put(out, 2, frame.window), put(out, 2, 0), put(out, 2, frame.urgent);
  out.insert(out.end(), options.begin(), options.end());
  out.resize(out.size() + frame.payload_bytes);
  return out;
}

Bytes udp(const Frame& frame) {
  Bytes out;
  put(out, 2, frame.remote_port), put(out, 2, frame.local_port);
  put(out, 2, 8 + frame.payload_bytes), put(out, 2, 0);
  out.resize(out.size() + frame.payload_bytes);
  return out;
}

std::uint8_t protocol_of(Transport transport, bool by_ipv6) {
  if (transport == Transport::kTcp) return IPPROTO_TCP;
  if (transport == Transport::kUdp) return IPPROTO_UDP;
  return icmp_protocol(by_ipv6);
}

struct IpHeader {
  IpBytes from, to;
  std::uint8_t protocol, tos;
};

void put_ip(Bytes& to, const IpHeader& header, std::size_t payload, bool by_ipv6) {
  if (by_ipv6) {
    put(to, 4, 6u << 28 | static_cast<std::uint32_t>(header.tos) << 20);
    put(to, 2, static_cast<std::uint32_t>(payload)), put(to, 1, header.protocol), put(to, 1, kHops);
    put_address(to, header.from, true), put_address(to, header.to, true);
    return;
  }
  const std::size_t start = to.size();
  put(to, 1, 0x45), put(to, 1, header.tos), put(to, 2, static_cast<std::uint32_t>(20 + payload));
  put(to, 2, 0), put(to, 2, kDoNotFragment), put(to, 1, kHops), put(to, 1, header.protocol), put(to, 2, 0);
  put_address(to, header.from, false), put_address(to, header.to, false);
  set16(to, start + 10, folded(sum(to, start, 0)));
}

/// An error about a packet of the host's, of which it quotes the beginning.
Bytes icmp(const Frame& frame, const Ends& ends) {
  const Quoted& quoted = frame.quoted;
  const bool is_udp = quoted.transport == Transport::kUdp;
  Bytes out;
  put(out, 1, icmp_type(frame.icmp_type, ends.by_ipv6).value_or(0));
  put(out, 1, icmp_code(frame.icmp_type, frame.icmp_code, ends.by_ipv6).value_or(0));
  put(out, 2, 0), put(out, 4, frame.icmp_mtu >= 0 ? static_cast<std::uint32_t>(frame.icmp_mtu) : 0);
  put_ip(out, {ends.host, ends.script, protocol_of(quoted.transport, ends.by_ipv6), 0},
         (is_udp ? 8 : 20) + quoted.payload_bytes, ends.by_ipv6);
  put(out, 2, quoted.local_port), put(out, 2, quoted.remote_port);
  is_udp ? put(out, 4, (8 + quoted.payload_bytes) << 16) : put(out, 4, quoted.seq);
  return out;
}

/// Over the transport's bytes and a header that stands for the network's; ICMP of IPv4 has none.
void set_checksum(Bytes& transport, const IpHeader& header, bool by_ipv6) {
  Bytes pseudo;
  if (header.protocol != IPPROTO_ICMP) {
    put_address(pseudo, header.from, by_ipv6), put_address(pseudo, header.to, by_ipv6);
    put(pseudo, 4, static_cast<std::uint32_t>(transport.size())), put(pseudo, 4, header.protocol);
  }
  const std::uint16_t checksum = folded(sum(transport, 0, sum(pseudo, 0, 0)));
  const std::size_t at = header.protocol == IPPROTO_TCP ? 16 : header.protocol == IPPROTO_UDP ? 6 : 2;
  set16(transport, at, header.protocol == IPPROTO_UDP && checksum == 0 ? 0xffff : checksum);
}

}  // namespace

std::vector<std::uint8_t> bytes_of(const Frame& frame, const Ends& ends) {
  Bytes transport = frame.transport == Transport::kTcp   ? tcp(frame)
                    : frame.transport == Transport::kUdp ? udp(frame)
                                                         : icmp(frame, ends);
  const IpHeader header{ends.script, ends.host, protocol_of(frame.transport, ends.by_ipv6), frame.tos};
  set_checksum(transport, header, ends.by_ipv6);
  Bytes out;
  put_ip(out, header, transport.size(), ends.by_ipv6);
  out.insert(out.end(), transport.begin(), transport.end());
  return out;
}

}  // namespace stackscope::packetdrill
