#include "runner/capture/packet_bytes.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <span>

#include "kernel_model/vocabulary/internet_address.hpp"
#include "runner/packetdrill/model_packets.hpp"
#include "runner/packetdrill/wire_format.hpp"

namespace stackscope {

namespace {

PacketBytes tcp_header(const Packet& packet) {
  return bytes_of(TcpHeader{packet.source_port, packet.destination_port, packet.seq, packet.ack, packet.flags,
                            packet.window, packet.urgent,
                            packetdrill::bytes_of(packetdrill::options_of(packet.options))});
}

PacketBytes udp_header(std::uint16_t from, std::uint16_t to, std::uint32_t payload) {
  PacketBytes out;
  put(out, 2, from), put(out, 2, to), put(out, 2, 8 + payload), put(out, 2, 0);
  return out;
}

IpBytes address_of(std::uint32_t address) {
  PacketBytes bytes;
  if (address == kIpv6Loopback) {
    bytes.resize(12), put(bytes, 4, 1);
  } else if (is_ipv6(address)) {
    bytes.resize(12), bytes[0] = 0xfd;
    put(bytes, 4, address);
  } else {
    put(bytes, 4, address);
  }
  IpBytes out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

IpHeader header_of(const Packet& packet) {
  const bool by_ipv6 = is_ipv6(packet.destination_address);
  std::uint8_t protocol = IPPROTO_TCP;
  if (packet.protocol == Protocol::kUdp) protocol = IPPROTO_UDP;
  if (packet.protocol == Protocol::kIcmp) protocol = IPPROTO_ICMP;
  if (packet.protocol == Protocol::kIcmp && by_ipv6) protocol = IPPROTO_ICMPV6;
  return {address_of(packet.source_address), address_of(packet.destination_address), protocol, packet.tos,
          by_ipv6};
}

/// An error, with the headers of the datagram that it quotes: from whom this message goes to, and to whom it comes from.
PacketBytes icmp_header(const Packet& packet, const IpHeader& header) {
  PacketBytes out;
  put(out, 1, packet.icmp.type), put(out, 1, packet.icmp.code), put(out, 2, 0), put(out, 4, packet.icmp.mtu);
  put_ip(out, {header.to, header.from, IPPROTO_UDP, 0, header.is_ipv6}, 8 + packet.payload_bytes);
  const PacketBytes quoted =
      udp_header(packet.quoted_source_port, packet.quoted_destination_port, packet.payload_bytes);
  out.insert(out.end(), quoted.begin(), quoted.end());
  return out;
}

PacketBytes transport_header(const Packet& packet, const IpHeader& header) {
  if (packet.protocol == Protocol::kTcp) return tcp_header(packet);
  if (packet.protocol == Protocol::kIcmp) return icmp_header(packet, header);
  return udp_header(packet.source_port, packet.destination_port, packet.payload_bytes);
}

/// IPv4 and IPv6 addresses of a network card end alike.
void put_hardware_address(PacketBytes& to, std::uint32_t ip) {
  put(to, 4, 0x02000000), put(to, 2, ip & 0xffff);
}

void put_ethernet(PacketBytes& to, const Packet& packet, DeviceKind device) {
  if (device == DeviceKind::kLoopback) {
    to.resize(to.size() + 12);
  } else {
    if (packet.is_to_many) to.insert(to.end(), 6, 0xff);
    if (!packet.is_to_many) put_hardware_address(to, packet.destination_address);
    put_hardware_address(to, packet.source_address);
  }
  put(to, 2, is_ipv6(packet.destination_address) ? 0x86dd : 0x0800);
}

}  // namespace

CapturedPacket captured(const Packet& packet, const StreamStore& streams, DeviceKind device) {
  const IpHeader header = header_of(packet);
  PacketBytes transport = transport_header(packet, header);
  const std::size_t whole = transport.size() + packet.payload_bytes;
  if (packet.payload_bytes == 0 || streams.has(packet.stream, packet.stream_offset, packet.payload_bytes)) {
    const std::size_t payload_at = transport.size();
    transport.resize(whole);
    if (packet.payload_bytes > 0) {
      streams.content(packet.stream, packet.stream_offset,
                      std::as_writable_bytes(std::span(transport).subspan(payload_at)));
    }
    set_checksum(transport, header);
  }
  CapturedPacket out;
  put_ethernet(out.bytes, packet, device);
  put_ip(out.bytes, header, whole);
  out.length = static_cast<std::uint32_t>(out.bytes.size() + whole);
  out.bytes.insert(out.bytes.end(), transport.begin(), transport.end());
  return out;
}

}  // namespace stackscope
