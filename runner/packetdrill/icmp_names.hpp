#pragma once
// ICMP's types and codes by the names that scripts give them.
//
// Follows: RFC 792, RFC 4443; <netinet/ip_icmp.h>, <netinet/icmp6.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope::packetdrill {

/// The number of the protocol itself. IANA; <netinet/in.h>
constexpr std::uint8_t icmp_protocol(bool by_ipv6) { return by_ipv6 ? 58 : 1; }

std::optional<std::uint8_t> icmp_type(std::string_view name, bool by_ipv6);
std::optional<std::uint8_t> icmp_code(std::string_view type, std::string_view code, bool by_ipv6);
std::vector<std::string> icmp_type_names(bool by_ipv6);
std::vector<std::string> icmp_code_names(std::string_view type, bool by_ipv6);

/// The names of numbers; "" where there is none.
std::string icmp_type_name(std::uint8_t type, bool by_ipv6);
std::string icmp_code_name(std::uint8_t type, std::uint8_t code, bool by_ipv6);

}  // namespace stackscope::packetdrill
