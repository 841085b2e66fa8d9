#pragma once
// How the model writes an address: one of IPv4 as a number in host byte order, one of IPv6 as a number that no IPv4 host has.
//
// Differs: of IPv6 a host has ::1, and with a network card one address more, which goes with its IPv4 one (fd00::1:1 beside
//          10.0.0.1); no link-local ones, and no neighbour discovery. Nothing outside of fd00::/104 can be reached.

#include <cstdint>

namespace stackscope {

/// ::1, by its last four bytes; any other number N below 1.0.0.0 is fd00::N. As IPv4 addresses (0.0.0.0/8, "this network")
/// nobody has these, and no route leads to them.
inline constexpr std::uint32_t kIpv6Loopback = 1;
constexpr bool is_loopback(std::uint32_t address) { return address == kIpv6Loopback || address >> 24 == 127; }
constexpr bool is_ipv6(std::uint32_t address) { return address != 0 && address >> 24 == 0; }

/// The IPv6 address of a network card that has this one of IPv4.
constexpr std::uint32_t ipv6_beside(std::uint32_t ipv4) { return 0x10000 | (ipv4 & 0xffff); }

/// Which packets a socket takes. Linux: sk_family, ipv6_only_sock()
enum class Reach : std::uint8_t { kIpv4 = 1, kIpv6 = 2, kBoth = 3 };
constexpr bool have_common(Reach a, Reach b) {
  return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0;
}
constexpr Reach reach_of(std::uint32_t address) { return is_ipv6(address) ? Reach::kIpv6 : Reach::kIpv4; }

/// An address of IPv6's: ::, a host's, or one of IPv4 in its clothes (::ffff:a.b.c.d).
struct Ipv6Address {
  std::uint32_t address = 0;
  bool is_mapped = false;
  constexpr bool is_any() const { return address == 0 && !is_mapped; }
  constexpr bool is_mapped_any() const { return address == 0 && is_mapped; }
  constexpr bool operator==(const Ipv6Address&) const = default;
};

}  // namespace stackscope
