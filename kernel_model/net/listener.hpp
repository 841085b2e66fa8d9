#pragma once
// Listening sockets: the SYN queue, the accept queue, and how a SYN becomes a connection.
//
// Linux:     net/ipv4/inet_connection_sock.c, net/ipv4/tcp_minisocks.c tcp_check_req(), net/ipv4/tcp_input.c
//            tcp_conn_request(), net/ipv4/tcp_ipv4.c tcp_v4_syn_recv_sock()
// Invariant: the accept queue holds at most backlog + 1 connections.
// Differs:   no Fast Open, no thinning of old requests; the kernel's log has no warning "Possible SYN flooding". When the SYN
//            queue was last full is each listener's to know, not its SO_REUSEPORT group's. Who could notice: a SYN flood.

#include <map>
#include <optional>

#include "kernel_model/net/syn_cookies.hpp"
#include "kernel_model/net/tcp_socket.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

/// A SYN that was answered. Linux: struct tcp_request_sock
struct Request final : ConnectionEntry {
  Request(TcpSocket& of, const Packet& syn, std::uint32_t our_isn);
  void on_timer();
  /// What our segments may carry, beside the timestamps.
  std::uint32_t largest_segment() const { return advmss - (has_timestamps ? 12U : 0U); }

  TcpSocket& listener;
  std::uint32_t snt_isn, rcv_isn, rcv_nxt;
  std::uint32_t rcv_wnd = 0, window_clamp = 0;
  std::uint16_t mss, advmss;  // of the peer's SYN; ours
  std::int8_t snd_wscale;
  std::uint8_t rcv_wscale = 0;
  std::uint8_t timeouts = 0;
  AnswerLimit limit;
  bool acked = false;  // its ACK came and found the accept queue full, or brought no data
  bool has_timestamps, sack_ok;
  std::uint32_t ts_recent;
  std::uint32_t first_tsval = 0, last_tsval = 0;  // of our SYN-ACKs. Linux: snt_tsval_first, snt_tsval_last
  Instant sent_at = Instant::never();
  StreamId peer_stream, stream;  // the peer's bytes, and those to come from here
  SocketTimer timer;
};

/// What only a listening socket has.
struct ListenState {
  std::uint32_t backlog = 0;
  std::uint32_t accept_queue_length = 0;
  std::map<SocketId, TcpSocket*> accept_queue;  // ordinals rise, so this is first in, first out
  std::map<FourTuple, Request> syn_queue;
  SynQueueOverflow overflow;
  /// Linux: inet_csk_reqsk_queue_is_full()
  bool is_syn_queue_full() const { return syn_queue.size() > backlog; }
  bool is_acceptq_full() const {
    return MUTANT("accept queue of n, not n + 1") ? accept_queue_length >= backlog
                                                  : accept_queue_length > backlog;
  }
};

/// Segments for a listener, and for its requests.
class Listener {
 public:
  explicit Listener(TcpSocket& socket) : socket_(socket) {}

  /// In LISTEN, without the socket's lock. Takes the packet. Linux: tcp_rcv_state_process()
  /// `isn`: where the connection is to begin, if it takes one's place that was; 0: anywhere.
  void receive(Packet& packet, std::uint32_t isn = 0);
  /// For a connection that is not complete. Takes the packet. Linux: tcp_check_req()
  void receive_for(Request& request, Packet& packet);
  /// The listener closes: requests are forgotten, connections nobody accepted are reset.
  /// Linux: inet_csk_listen_stop()
  void stop();
  void send_syn_ack(Request& request);
  void drop(Request& request);
  void on_icmp(Request& request, std::uint32_t seq, const IcmpError& error);
  /// Linux: reqsk_timer_handler()
  void on_timer(Request& request);
  void queues_changed();

 private:
  void connection_request(Packet& syn, std::uint32_t isn);
  bool may_use_cookies();
  void answer_with_cookie(Packet& syn);
  std::optional<Packet> syn_of_cookie(const Packet& ack);
  void finish_by_cookie(const Packet& syn, Packet& ack);
  void answer_syn_again(Request& request, Packet& syn);
  enum class Stamps { kFine, kOlder, kEchoNone };
  static Stamps judge_timestamps(const Request& request, const Packet& packet);
  void answer_out_of_window(Request& request, Packet& packet);
  void acknowledge(Request& request);
  void end_embryo(Request& request, Packet& packet);
  void finish(Request& request, Packet& packet);
  void drop_syn(Packet& packet, DropReason reason);
  TcpSocket* complete(Request& request);  // locked
  void start_child(TcpSocket& child, Packet& packet);
  void choose_windows(Request& request, std::uint32_t mss);
  Packet& syn_ack_for(const Request& request);
  void send_out(Packet& syn_ack);

  TcpSocket& socket_;
};

/// The window of the first segment that carries one, and its scale. Linux: tcp_select_initial_window()
struct InitialWindow {
  std::uint32_t rcv_wnd, window_clamp;
  std::uint8_t rcv_wscale;
};
InitialWindow select_initial_window(const Sysctls& sysctls, std::int64_t space, std::uint32_t mss,
                                    std::uint32_t clamp, bool scaling);

}  // namespace stackscope
