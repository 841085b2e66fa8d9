#include "kernel_model/net/icmp.hpp"

#include <algorithm>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/udp_stack.hpp"

namespace stackscope {

// The message quotes the datagram, but is never longer than 576 bytes (RFC 1812 4.3.2.3).
void Icmp::send_port_unreachable(const Packet& about) {
  constexpr std::uint32_t kMost = 576, kHeaders = 20 + 8, kQuotedHeaders = 20 + 8;
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
  packet.payload_bytes = std::min(about.payload_bytes, kMost - kHeaders - kQuotedHeaders);
  packet.truesize = truesize_of_head(packet.ip_bytes());
  packet.stream = about.stream;
  if (env_.streams().hold(about.stream)) packet.held_in = &env_.streams();
  env_.counters().add(Counter::kIcmpOutMsgs);
  env_.counters().add(Counter::kIcmpOutDestUnreachs);
  env_.transmit(packet);
}

void Icmp::receive(Packet& packet, UdpStack& udp, int cpu) {
  env_.charge(costs_.icmp_receive);
  env_.counters().add(Counter::kIcmpInMsgs);
  env_.counters().add(Counter::kIcmpInDestUnreachs);
  udp.receive_error(packet, cpu);
}

}  // namespace stackscope
