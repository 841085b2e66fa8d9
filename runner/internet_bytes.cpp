#include "runner/internet_bytes.hpp"

#include <netinet/in.h>

namespace stackscope {

namespace {

constexpr std::uint8_t kHops = 64;
constexpr std::uint16_t kDoNotFragment = 0x4000;

void put_address(PacketBytes& to, const IpBytes& address, bool is_ipv6) {
  to.insert(to.end(), address.begin(), address.begin() + (is_ipv6 ? 16 : 4));
}

/// The ones' complement sum of 16-bit words from `from` on, not yet folded. A packet of 64 KiB cannot overflow it.
std::uint32_t sum(const PacketBytes& bytes, std::size_t from, std::uint32_t start) {
  for (std::size_t i = from; i < bytes.size(); ++i) start += (i - from) % 2 == 0 ? bytes[i] * 256u : bytes[i];
  return start;
}
std::uint16_t folded(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint32_t length_field(std::size_t length) {
  return length > 0xffff ? 0 : static_cast<std::uint32_t>(length);
}

}  // namespace

void put(PacketBytes& to, std::size_t bytes, std::uint32_t value) {
  for (std::size_t i = bytes; i-- > 0;) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void set16(PacketBytes& to, std::size_t at, std::uint16_t value) {
  to[at] = static_cast<std::uint8_t>(value >> 8), to[at + 1] = static_cast<std::uint8_t>(value);
}

void put_ip(PacketBytes& to, const IpHeader& header, std::size_t payload) {
  const std::size_t start = to.size();
  if (header.is_ipv6) {
    put(to, 4, 6u << 28 | static_cast<std::uint32_t>(header.tos) << 20);
    put(to, 2, length_field(payload)), put(to, 1, header.protocol), put(to, 1, kHops);
  } else {
    put(to, 1, 0x45), put(to, 1, header.tos), put(to, 2, length_field(20 + payload));
    put(to, 2, 0), put(to, 2, kDoNotFragment), put(to, 1, kHops), put(to, 1, header.protocol), put(to, 2, 0);
  }
  put_address(to, header.from, header.is_ipv6), put_address(to, header.to, header.is_ipv6);
  if (!header.is_ipv6) set16(to, start + 10, folded(sum(to, start, 0)));
}

PacketBytes bytes_of(const TcpHeader& header) {
  PacketBytes options = header.options;
  while (options.size() % 4 != 0) options.push_back(0);
  PacketBytes out;
  put(out, 2, header.from), put(out, 2, header.to), put(out, 4, header.seq), put(out, 4, header.ack);
  put(out, 1, static_cast<std::uint32_t>((20 + options.size()) / 4 << 4)), put(out, 1, header.flags);
  put(out, 2, header.window), put(out, 2, 0), put(out, 2, header.urgent);
  out.insert(out.end(), options.begin(), options.end());
  return out;
}

// It covers a header that stands for the network's, too; but ICMP of IPv4 has none. 0 means "none" to UDP.
void set_checksum(PacketBytes& transport, const IpHeader& header) {
  PacketBytes pseudo;
  if (header.protocol != IPPROTO_ICMP) {
    put_address(pseudo, header.from, header.is_ipv6), put_address(pseudo, header.to, header.is_ipv6);
    put(pseudo, 4, static_cast<std::uint32_t>(transport.size())), put(pseudo, 4, header.protocol);
  }
  const std::uint16_t checksum = folded(sum(transport, 0, sum(pseudo, 0, 0)));
  const std::size_t at = header.protocol == IPPROTO_TCP ? 16 : header.protocol == IPPROTO_UDP ? 6 : 2;
  set16(transport, at, header.protocol == IPPROTO_UDP && checksum == 0 ? 0xffff : checksum);
}

}  // namespace stackscope
