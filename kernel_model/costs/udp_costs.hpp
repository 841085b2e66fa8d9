#pragma once
// What the steps of UDP and ICMP cost. Zero until a cost profile fills them.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct UdpCosts {
  Cost sendmsg, make_skb, send_skb, receive, lookup, queue, recvmsg, consume, connect, close, icmp_send,
      icmp_receive;
  CostPerByte copy;

  void describe(auto&& field) {
    field("sendmsg", sendmsg, "udp_sendmsg(): checks and route");
    field("make_skb", make_skb, "ip_make_skb(): allocating the packet, without copying");
    field("send_skb", send_skb, "udp_send_skb(): headers, down to the device's queue");
    field("receive", receive, "ip_rcv() to udp_rcv(): checks, route, delivery to the protocol");
    field("lookup", lookup, "__udp4_lib_lookup(): finding the socket");
    field("queue", queue, "__udp_enqueue_schedule_skb(): memory and receive queue");
    field("recvmsg", recvmsg, "udp_recvmsg(): looking for a datagram in the queues");
    field("consume", consume, "skb_consume_udp(): the datagram's address, and freeing it");
    field("connect", connect, "__ip4_datagram_connect(): route, and a new place in the table");
    field("close", close, "udp_lib_close(): leaving the table, flushing the queues");
    field("icmp_send", icmp_send, "__icmp_send(): a message about a packet, before the device");
    field("icmp_receive", icmp_receive, "icmp_rcv(), icmp_unreach(): a message, before its socket is told");
    field("copy", copy, "copying between a program and the kernel, a byte");
  }
};

}  // namespace stackscope
