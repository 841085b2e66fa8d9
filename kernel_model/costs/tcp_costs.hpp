#pragma once
// What the steps of TCP cost. Zero until a cost profile fills them.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct TcpCosts {
  Cost sendmsg, transmit, ip_output, ip_receive, v4_rcv, established, ack_in, data_queue, send_ack, recvmsg,
      release, connect, accept, close, request_sock, child, timer;
  CostPerByte copy;

  /// Calls `field(name, cost, sentence)` for each.
  void describe(auto&& field) { describe_all(*this, field); }
  void describe(auto&& field) const { describe_all(*this, field); }

 private:
  static void describe_all(auto& c, auto&& field) {
    field("sendmsg", c.sendmsg, "tcp_sendmsg(): locking, finding the segment to fill, pushing it");
    field("transmit", c.transmit, "__tcp_transmit_skb(): cloning the segment and writing its TCP header");
    field("ip_output", c.ip_output, "__ip_queue_xmit(): route and IP header, down to the device's queue");
    field("ip_receive", c.ip_receive, "ip_rcv() to tcp_v4_rcv(): checks, route, delivery to the protocol");
    field("v4_rcv", c.v4_rcv, "tcp_v4_rcv(): finding the socket and taking its lock");
    field("established", c.established, "tcp_rcv_established(): header prediction and checks");
    field("ack_in", c.ack_in, "tcp_ack(): window, round trip, cleaning the retransmission queue");
    field("data_queue", c.data_queue, "tcp_data_queue(): memory, receive queue, what is thought about ACKs");
    field("send_ack", c.send_ack, "tcp_send_ack(): a segment without payload, before it is transmitted");
    field("recvmsg", c.recvmsg, "tcp_recvmsg(): walking the receive queue and cleaning up");
    field("release", c.release, "release_sock(): looking at the backlog and letting go");
    field("connect", c.connect, "tcp_v4_connect(): route, port, initial sequence number");
    field("accept", c.accept, "inet_csk_accept(): taking a connection from the accept queue");
    field("close", c.close, "tcp_close(): flushing the receive queue, orphaning the socket");
    field("request_sock", c.request_sock, "tcp_conn_request(): a request for a SYN, and its timer");
    field("child", c.child, "tcp_v4_syn_recv_sock(): a full socket out of a request");
    field("timer", c.timer, "the handler of a TCP timer, before what it decides to do");
    field("copy", c.copy, "copying between a program and the kernel, a byte");
  }
};

}  // namespace stackscope
