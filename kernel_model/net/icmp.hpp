#pragma once
// ICMP of one host: that nobody holds a UDP port; and what routers say of packets that were sent.
//
// Linux:   net/ipv4/icmp.c __icmp_send(), icmp_rcv(), icmp_unreach(), icmp_out_count(); net/ipv6/icmp.c icmp6_send(),
//          icmpv6_rcv(), icmpv6_notify()
// Differs: no rate limits (net.ipv4.icmp_msgs_per_sec, icmp_ratelimit); Linux has none on loopback. Who could notice: a
//          flood of datagrams for closed ports over a NIC. No other messages are sent: no echo, no
//          redirect, no "too big"; of those that arrive UDP knows only that one, TCP all that are errors.

#include "kernel_model/net/packet.hpp"

namespace stackscope {

class NetEnvironment;
class NetCounters;
class UdpStack;
struct UdpCosts;

/// What a message means to who sent the packet that it is about.
/// Linux: net/ipv4/icmp.c icmp_err_convert[], net/ipv6/icmp.c icmpv6_err_convert(), net/ipv4/tcp_ipv4.c tcp_v4_err()
struct IcmpError {
  int error = 0;               // errno; 0: it says nothing of an error
  bool is_too_big = false;     // the packet was longer than `mtu`
  bool ends_request = false;   // what is half open is given up
  bool is_route_gone = false;  // RFC 6069 3: no sign of congestion
};
IcmpError icmp_error(const Packet& message);

void count_received_icmp(NetCounters& counters, const Packet& message);

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
