#pragma once
// ICMP of one host, as far as UDP needs it: that nobody holds a port.
//
// Linux:   net/ipv4/icmp.c __icmp_send(), icmp_rcv(), icmp_unreach(), icmp_out_count(); net/ipv6/icmp.c icmp6_send(),
//          icmpv6_rcv(), icmpv6_notify()
// Differs: no rate limits (net.ipv4.icmp_msgs_per_sec, icmp_ratelimit); Linux has none on loopback. Who could notice: a
//          flood of datagrams for closed ports over a NIC. No other messages: no echo, no redirect, no "too big".

#include "kernel_model/net/packet.hpp"

namespace stackscope {

class NetEnvironment;
class UdpStack;
struct UdpCosts;

class Icmp {
 public:
  Icmp(NetEnvironment& env, const UdpCosts& costs) : env_(env), costs_(costs) {}

  /// Tells a datagram's sender that nobody holds its port. The datagram stays the caller's.
  void send_port_unreachable(const Packet& about);
  /// Takes the message.
  void receive(Packet& packet, UdpStack& udp, int cpu);

 private:
  NetEnvironment& env_;
  const UdpCosts& costs_;
};

}  // namespace stackscope
