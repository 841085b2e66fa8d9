#include "kernel_model/net/icmp.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"

namespace stackscope {

namespace {

// ICMP's types (RFC 792) and ICMPv6's (RFC 4443)
enum : std::uint8_t { kUnreachable = 3, kTimeExceeded = 11, kParameterProblem = 12 };
enum : std::uint8_t { kUnreachable6 = 1, kTooBig6 = 2, kTimeExceeded6 = 3, kParameterProblem6 = 4 };

IcmpError error_by_ipv4(const IcmpMessage& message) {
  constexpr std::uint8_t kNet = 0, kHost = 1, kFragmentationNeeded = 4;
  constexpr std::array kByCode{ENETUNREACH,  EHOSTUNREACH, ENOPROTOOPT,  ECONNREFUSED,
                               EMSGSIZE,     EOPNOTSUPP,   ENETUNREACH,  EHOSTDOWN,
                               ENONET,       ENETUNREACH,  EHOSTUNREACH, ENETUNREACH,
                               EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH};
  if (message.type == kTimeExceeded) return {EHOSTUNREACH, false, true, false};
  if (message.type == kParameterProblem) return {EPROTO, false, true, false};
  if (message.type != kUnreachable || message.code >= kByCode.size()) return {};
  const bool is_route = message.code == kNet || message.code == kHost;
  return {kByCode.at(message.code), message.code == kFragmentationNeeded, is_route, is_route};
}

IcmpError error_by_ipv6(const IcmpMessage& message) {
  constexpr std::uint8_t kNoRoute = 0;
  constexpr std::array kByCode{ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES};
  constexpr std::array kIsFatal{false, true, false, false, true, true, true};
  if (message.type == kTooBig6) return {EMSGSIZE, true, false, false};
  if (message.type == kTimeExceeded6) return {EHOSTUNREACH, false, false, false};
  if (message.type == kParameterProblem6) return {EPROTO, false, true, false};
  if (message.type != kUnreachable6 || message.code >= kByCode.size()) return {};
  return {kByCode.at(message.code), false, kIsFatal.at(message.code), message.code == kNoRoute};
}

}  // namespace

IcmpError icmp_error(const Packet& message) {
  return is_ipv6(message.destination_address) ? error_by_ipv6(message.icmp) : error_by_ipv4(message.icmp);
}

/// Linux: net/ipv4/proc.c, net/ipv6/proc.c
void count_received_icmp(NetCounters& counters, const Packet& message) {
  const std::uint8_t type = message.icmp.type;
  if (is_ipv6(message.destination_address)) {
    counters.add(Counter::kIcmp6InMsgs);
    if (type == kUnreachable6) counters.add(Counter::kIcmp6InDestUnreachs);
    if (type == kTooBig6) counters.add(Counter::kIcmp6InPktTooBigs);
    if (type == kTimeExceeded6) counters.add(Counter::kIcmp6InTimeExcds);
    if (type == kParameterProblem6) counters.add(Counter::kIcmp6InParmProblems);
  } else {
    counters.add(Counter::kIcmpInMsgs);
    if (type == kUnreachable) counters.add(Counter::kIcmpInDestUnreachs);
    if (type == kTimeExceeded) counters.add(Counter::kIcmpInTimeExcds);
    if (type == kParameterProblem) counters.add(Counter::kIcmpInParmProbs);
  }
}

// The message quotes the datagram, but is never longer than 576 bytes (RFC 1812 4.3.2.3), of ICMPv6 1,280 (RFC 4443 2.4).
void Icmp::send_port_unreachable(const Packet& about) {
  const bool by_ipv6 = is_ipv6(about.destination_address);
  const std::uint32_t most = by_ipv6 ? 1280 - 2 * (40 + 8) : 576 - 2 * (20 + 8);
  env_.charge(costs_.icmp_send);
  const bool has_source =
      env_.is_local(about.destination_address) && !UdpStack::is_to_many(about.destination_address);
  if (!has_source) return;
  Packet& packet = env_.packets().take();
  packet.protocol = Protocol::kIcmp;
  packet.source_address = about.destination_address;
  packet.destination_address = about.source_address;
  packet.quoted_source_port = about.source_port;
  packet.quoted_destination_port = about.destination_port;
  packet.payload_bytes = std::min(about.payload_bytes, most);
  packet.truesize = truesize_of_head(packet.ip_bytes());
  packet.icmp.type = by_ipv6 ? 1 : 3, packet.icmp.code = by_ipv6 ? 4 : 3;
  packet.stream = about.stream;
  if (env_.streams().hold(about.stream)) packet.held_in = &env_.streams();
  env_.counters().add(by_ipv6 ? Counter::kIcmp6OutMsgs : Counter::kIcmpOutMsgs);
  env_.counters().add(by_ipv6 ? Counter::kIcmp6OutDestUnreachs : Counter::kIcmpOutDestUnreachs);
  env_.transmit(packet);
}

void Icmp::receive(Packet& packet, UdpStack& udp, int cpu) {
  env_.charge(costs_.icmp_receive);
  count_received_icmp(env_.counters(), packet);
  udp.receive_error(packet, cpu);
}

}  // namespace stackscope
