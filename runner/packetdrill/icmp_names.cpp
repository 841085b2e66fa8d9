#include "runner/packetdrill/icmp_names.hpp"

#include <algorithm>

namespace stackscope::packetdrill {

namespace {

struct TypeName {
  bool by_ipv6;
  std::uint8_t type;
  std::string_view name;
};
constexpr TypeName kTypes[] = {
    {false, 3, "unreachable"},        {false, 4, "source_quench"},    {false, 5, "redirect"},
    {false, 0, "echo_reply"},         {false, 8, "echo_request"},     {false, 11, "time_exceeded"},
    {false, 12, "parameter_problem"}, {true, 1, "unreachable"},       {true, 2, "packet_too_big"},
    {true, 3, "time_exceeded"},       {true, 4, "parameter_problem"}, {true, 128, "echo_request"},
    {true, 129, "echo_reply"}};

struct CodeName {
  bool by_ipv6;
  std::uint8_t type, code;
  std::string_view name;
};
constexpr CodeName kCodes[] = {{false, 3, 0, "net_unreachable"},
                               {false, 3, 1, "host_unreachable"},
                               {false, 3, 2, "protocol_unreachable"},
                               {false, 3, 3, "port_unreachable"},
                               {false, 3, 4, "frag_needed"},
                               {false, 3, 5, "source_route_failed"},
                               {false, 3, 6, "net_unknown"},
                               {false, 3, 7, "host_unknown"},
                               {false, 3, 8, "source_host_isolated"},
                               {false, 3, 9, "net_prohibited"},
                               {false, 3, 10, "host_prohibited"},
                               {false, 3, 11, "net_unreachable_for_tos"},
                               {false, 3, 12, "host_unreachable_for_tos"},
                               {false, 3, 13, "packet_filtered"},
                               {false, 3, 14, "precedence_violation"},
                               {false, 3, 15, "precedence_cutoff"},
                               {false, 11, 0, "ttl_exceeded"},
                               {false, 11, 1, "fragment_time_exceeded"},
                               {true, 1, 0, "net_unreachable"},
                               {true, 1, 1, "admin_prohibited"},
                               {true, 1, 2, "not_neighbour"},
                               {true, 1, 3, "host_unreachable"},
                               {true, 1, 3, "address_unreachable"},
                               {true, 1, 4, "port_unreachable"},
                               {true, 3, 0, "hop_limit_exceeded"}};

}  // namespace

std::optional<std::uint8_t> icmp_type(std::string_view name, bool by_ipv6) {
  for (const TypeName& type : kTypes) {
    if (type.by_ipv6 == by_ipv6 && type.name == name) return type.type;
  }
  return {};
}

std::optional<std::uint8_t> icmp_code(std::string_view type, std::string_view code, bool by_ipv6) {
  const std::optional<std::uint8_t> number = icmp_type(type, by_ipv6);
  for (const CodeName& known : kCodes) {
    if (known.by_ipv6 == by_ipv6 && known.type == number && known.name == code) return known.code;
  }
  return {};
}

std::vector<std::string> icmp_type_names(bool by_ipv6) {
  std::vector<std::string> names;
  for (const TypeName& type : kTypes) {
    if (type.by_ipv6 == by_ipv6) names.emplace_back(type.name);
  }
  return names;
}

std::vector<std::string> icmp_code_names(std::string_view type, bool by_ipv6) {
  std::vector<std::string> names;
  const std::optional<std::uint8_t> number = icmp_type(type, by_ipv6);
  for (const CodeName& code : kCodes) {
    if (code.by_ipv6 == by_ipv6 && code.type == number) names.emplace_back(code.name);
  }
  return names;
}

std::string icmp_type_name(std::uint8_t type, bool by_ipv6) {
  for (const TypeName& known : kTypes) {
    if (known.by_ipv6 == by_ipv6 && known.type == type) return std::string(known.name);
  }
  return "";
}

std::string icmp_code_name(std::uint8_t type, std::uint8_t code, bool by_ipv6) {
  for (const CodeName& known : kCodes) {
    if (known.by_ipv6 == by_ipv6 && known.type == type && known.code == code) return std::string(known.name);
  }
  return "";
}

}  // namespace stackscope::packetdrill
