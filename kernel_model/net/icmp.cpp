#include "kernel_model/net/icmp.hpp"

#include <algorithm>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"

namespace stackscope {

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
  packet.stream = about.stream;
  if (env_.streams().hold(about.stream)) packet.held_in = &env_.streams();
  env_.counters().add(by_ipv6 ? Counter::kIcmp6OutMsgs : Counter::kIcmpOutMsgs);
  env_.counters().add(by_ipv6 ? Counter::kIcmp6OutDestUnreachs : Counter::kIcmpOutDestUnreachs);
  env_.transmit(packet);
}

void Icmp::receive(Packet& packet, UdpStack& udp, int cpu) {
  env_.charge(costs_.icmp_receive);
  const bool by_ipv6 = is_ipv6(packet.destination_address);
  env_.counters().add(by_ipv6 ? Counter::kIcmp6InMsgs : Counter::kIcmpInMsgs);
  env_.counters().add(by_ipv6 ? Counter::kIcmp6InDestUnreachs : Counter::kIcmpInDestUnreachs);
  udp.receive_error(packet, cpu);
}

}  // namespace stackscope
