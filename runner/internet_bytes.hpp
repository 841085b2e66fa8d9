#pragma once
// Bytes as they stand in packets: the network's byte order, checksums, IP headers.
//
// Follows: RFC 791 3.1, RFC 8200 3, RFC 1071 (checksum), RFC 9293 3.1 and RFC 8200 8.1 (pseudo headers), RFC 768

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stackscope {

using PacketBytes = std::vector<std::uint8_t>;

/// An address of either family, in the network's byte order; of IPv4 the first four bytes.
using IpBytes = std::array<std::uint8_t, 16>;

/// Appends the last `bytes` bytes of `value`, the highest first.
void put(PacketBytes& to, std::size_t bytes, std::uint32_t value);
void set16(PacketBytes& to, std::size_t at, std::uint16_t value);

/// What an IP header says besides lengths. Hops: 64, and IPv4 forbids fragments.
struct IpHeader {
  IpBytes from{}, to{};
  std::uint8_t protocol = 0;  // IPPROTO_TCP …
  std::uint8_t tos = 0;
  bool is_ipv6 = false;
};

/// Appends the header of a packet with `payload` bytes behind it. One too long for its length field says 0, as Linux has it
/// of super-packets (iph_set_totlen()).
void put_ip(PacketBytes& to, const IpHeader& header, std::size_t payload);

/// TCP's header, the checksum yet to be filled in.
struct TcpHeader {
  std::uint16_t from = 0, to = 0;  // ports
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0, urgent = 0;
  PacketBytes options;  // padded at their end to whole words here
};
PacketBytes bytes_of(const TcpHeader& header);

/// Fills in the checksum of TCP, UDP, ICMP or ICMPv6, which is `transport`, whole and with zeros in the checksum's place.
void set_checksum(PacketBytes& transport, const IpHeader& header);

}  // namespace stackscope
