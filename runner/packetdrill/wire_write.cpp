// Frames to bytes.

#include <netinet/in.h>
#include <string>

#include "runner/packetdrill/icmp_names.hpp"
#include "runner/packetdrill/wire_format.hpp"

namespace stackscope::packetdrill {

namespace {

using Bytes = PacketBytes;
using Kind = TcpOption::Kind;

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
  Bytes out =
      stackscope::bytes_of(TcpHeader{frame.remote_port, frame.local_port, frame.seq, frame.ack, frame.flags,
                                     frame.window, frame.urgent, bytes_of(frame.options)});
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

/// An error about a packet of the host's, of which it quotes the beginning.
Bytes icmp(const Frame& frame, const Ends& ends) {
  const Quoted& quoted = frame.quoted;
  const bool is_udp = quoted.transport == Transport::kUdp;
  Bytes out;
  put(out, 1, icmp_type(frame.icmp_type, ends.by_ipv6).value_or(0));
  put(out, 1, icmp_code(frame.icmp_type, frame.icmp_code, ends.by_ipv6).value_or(0));
  put(out, 2, 0), put(out, 4, frame.icmp_mtu >= 0 ? static_cast<std::uint32_t>(frame.icmp_mtu) : 0);
  put_ip(out, {ends.host, ends.script, protocol_of(quoted.transport, ends.by_ipv6), 0, ends.by_ipv6},
         (is_udp ? 8 : 20) + quoted.payload_bytes);
  put(out, 2, quoted.local_port), put(out, 2, quoted.remote_port);
  is_udp ? put(out, 4, (8 + quoted.payload_bytes) << 16) : put(out, 4, quoted.seq);
  return out;
}

}  // namespace

PacketBytes bytes_of(const std::vector<TcpOption>& options) {
  PacketBytes out;
  for (const TcpOption& option : options) put_option(out, option);
  return out;
}

std::vector<std::uint8_t> bytes_of(const Frame& frame, const Ends& ends) {
  Bytes transport = frame.transport == Transport::kTcp   ? tcp(frame)
                    : frame.transport == Transport::kUdp ? udp(frame)
                                                         : icmp(frame, ends);
  const IpHeader header{ends.script, ends.host, protocol_of(frame.transport, ends.by_ipv6), frame.tos,
                        ends.by_ipv6};
  set_checksum(transport, header);
  Bytes out;
  put_ip(out, header, transport.size());
  out.insert(out.end(), transport.begin(), transport.end());
  return out;
}

}  // namespace stackscope::packetdrill
