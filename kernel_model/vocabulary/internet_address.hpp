#pragma once
// How the model writes an address: an IPv4 one as a number in host byte order, or the one IPv6 address that a host has.
//
// Differs: of IPv6 there is loopback alone: hosts have ::1 and no other address, and nothing else can be reached.

#include <cstdint>

namespace stackscope {

/// ::1, by its last four bytes. As an IPv4 address (0.0.0.1) nobody has it, and no route leads to it.
inline constexpr std::uint32_t kIpv6Loopback = 1;
constexpr bool is_ipv6(std::uint32_t address) { return address == kIpv6Loopback; }

/// Which packets a socket takes. Linux: sk_family, ipv6_only_sock()
enum class Reach : std::uint8_t { kIpv4 = 1, kIpv6 = 2, kBoth = 3 };
constexpr bool have_common(Reach a, Reach b) {
  return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0;
}
constexpr Reach reach_of(std::uint32_t address) { return is_ipv6(address) ? Reach::kIpv6 : Reach::kIpv4; }

/// An address of IPv6's: ::, ::1, or one of IPv4 in its clothes (::ffff:a.b.c.d).
struct Ipv6Address {
  std::uint32_t address = 0;
  bool is_mapped = false;
  constexpr bool is_any() const { return address == 0 && !is_mapped; }
  constexpr bool is_mapped_any() const { return address == 0 && is_mapped; }
  constexpr bool operator==(const Ipv6Address&) const = default;
};

}  // namespace stackscope
