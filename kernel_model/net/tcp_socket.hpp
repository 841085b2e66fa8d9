#pragma once
// A TCP socket: the calls that a socket layer makes on it, and the path that a segment takes through it.
//
// Every call must be made by the socket's owner (own(), disown()), never blocks, and returns a number or a
// negative errno. Who waits, and where, is the socket layer's: it hears by SocketUser what changed, and asks
// poll_events().
//
// Linux:   net/ipv4/tcp.c, tcp_input.c, tcp_output.c, tcp_timer.c, net/core/sock.c, stream.c. Each method names
//          its function where it is implemented:
//            call_send.cpp, call_receive.cpp, call_close.cpp, call_setup.cpp  what programs call
//            ownership.cpp      the owner, the backlog, what was deferred
//            input.cpp, input_states.cpp, input_ack.cpp, input_data.cpp       what segments do
//            out_of_order.cpp, prune.cpp                                      text before its turn, and without room
//            output.cpp, transmit.cpp, ack.cpp, ack_compression.cpp, window.cpp, rtt.cpp, congestion.cpp, timers.cpp, keepalive.cpp
// Differs: what the peer's SACK blocks say is not heard; no fast retransmit, no tail loss probe: what is lost is sent again after the retransmission
//          timeout, from the first lost segment on. No ECN, no autocorking, no pacing. Above the slow-start threshold the
//          window grows as Reno's, not CUBIC's. The number of orphans is not limited, and tcp_orphan_retries is 0; challenge
//          ACKs are limited for each connection, not for the host (tcp_challenge_ack_limit, which is off by default). Who
//          could notice: whoever loses packets, and bulk senders on long paths.

#include <memory>

#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/environment.hpp"
#include "kernel_model/net/ports.hpp"
#include "kernel_model/net/socket_options.hpp"
#include "kernel_model/net/socket_timer.hpp"
#include "kernel_model/net/tcp_calls.hpp"
#include "kernel_model/net/tcp_connection.hpp"
#include "kernel_model/net/tcp_states.hpp"

namespace stackscope {

class TcpStack;
class TcpSocket;
struct IcmpError;
struct ListenState;
struct Request;

class TcpSocket final : public ConnectionEntry {
 public:
  TcpSocket(TcpStack& stack, SocketId id);
  ~TcpSocket();
  TcpSocket(const TcpSocket&) = delete;
  TcpSocket& operator=(const TcpSocket&) = delete;

  // --- the owner ---
  /// lock_sock(), without its sleep: false where another task owns it. `task` is 0 on ideal hosts.
  bool own(TaskId task);
  /// release_sock(): first whatever came meanwhile is processed. The socket may be gone afterwards, if it was closed.
  void disown();
  bool is_owned() const { return is_owned_; }
  /// The task that owns it; 0 where none does, and on ideal hosts.
  TaskId owner() const { return owner_; }
  /// The record of the last own(): what a task that waits for this socket waits behind.
  RecordId owned_by_record() const { return owned_record_; }

  // --- calls ---
  /// −EINVAL, −EADDRINUSE. `is_mapped`: IPv4's unspecified address in IPv6's clothes.
  int bind(std::uint32_t address, std::uint16_t port, bool is_mapped = false);
  int listen(int backlog);  // −EINVAL, −EADDRINUSE
  int connect(std::uint32_t address,
              std::uint16_t port);  // −EINPROGRESS; −EALREADY, −EISCONN, −EADDRNOTAVAIL …
  /// The oldest connection that is complete; null: none (EAGAIN). It has no owner and no user yet. REQUIRES:
  /// listens.
  TcpSocket* accept();
  /// Whoever accepts has let go of the listener, for whom others may wait, and does the rest, which is most of the work.
  /// Linux: inet_csk_accept() after release_sock(), net/ipv4/af_inet.c __inet_accept()
  void finish_accept();
  /// Ends whatever there is, so that the socket may connect anew. Linux: tcp_disconnect()
  void disconnect();
  /// Bytes taken; −EAGAIN, −EPIPE, or what went wrong.
  std::int64_t send(SendData data, SendHow how = {});
  /// Bytes read, 0 at the end; −EAGAIN, −ENOTCONN, or what went wrong. `to` may be null: the bytes are
  /// dropped.
  std::int64_t receive(std::size_t length, std::byte* to) { return read(length, to, {}).count; }
  ReadResult read(std::size_t length, std::byte* to, ReadHow how);
  /// MSG_OOB: the urgent byte; 1, 0, −EINVAL, −EAGAIN, −ENOTCONN. Linux: tcp_recv_urg()
  std::int64_t receive_urgent(std::byte& to, bool peeks);
  /// The next byte to be read is where the urgent one was or is. Linux: tcp_ioctl(), SIOCATMARK
  bool is_at_mark() const;
  /// Bytes up to the urgent one, or all. Linux: tcp_inq()
  std::uint32_t unread() const;
  int shutdown(int how);  // SHUT_RD, SHUT_WR, SHUT_RDWR; −ENOTCONN
  /// The program is done with the socket. It lives on until the connection has ended; disown() is the last call.
  /// Both halves of tcp_close(): what comes between may wait (SO_LINGER).
  void begin_close();
  void finish_close();
  void close() { begin_close(), finish_close(); }
  int set_option(TcpOption option, int value);
  int get_option(TcpOption option) const;

  /// What poll(2) would say. Linux: tcp_poll(). Asking for room that is not there makes on_write_space()
  /// come.
  std::uint32_t poll_events();
  /// The pending error as a positive errno, which is then forgotten. Linux: sock_error(), SO_ERROR
  int take_error();
  /// What ICMP said, forgotten as well. Linux: sk_err_soft, xchg() in SO_ERROR
  int take_soft_error();
  int error() const { return error_; }
  bool is_readable() const { return rcv_.rcv_nxt != rcv_.copied_seq; }
  /// At least SO_RCVLOWAT, or as much as will come. Linux: tcp_epollin_ready(), tcp_stream_is_readable()
  bool is_readable_enough() const;
  const SocketOptions& options() const { return options_.get(); }
  SocketOptions& change_options() { return options_.change(); }
  OptionsHolder& option_holder() { return options_; }
  /// `mss`, or less by TCP_MAXSEG. Linux: tcp_mss_clamp()
  std::uint32_t within_maxseg(std::uint32_t mss) const;
  /// TCP_WINDOW_CLAMP. Linux: tcp_set_window_clamp()
  void set_window_clamp(int value);
  /// SO_RCVBUFFORCE and SO_SNDBUFFORCE, too: `forced` is not bounded by a sysctl.
  void set_rcvbuf(int value, bool forced);
  void set_sndbuf(int value, bool forced);
  void set_rcvlowat(int value);
  /// SO_KEEPALIVE. Linux: tcp_set_keepalive(). REQUIRES: called before the option is stored.
  void set_keepalive(bool on);
  /// TCP_KEEPIDLE has changed: the time runs by it at once. Linux: tcp_sock_set_keepidle_locked()
  void restart_keepalive();
  /// There may be room to write that was not there before. Linux: sk_stream_write_space()
  void write_space();
  bool is_done() const { return is_done_; }
  /// It holds a port. Linux: inet_num
  bool is_bound() const { return is_bound_; }
  bool may_bind() const { return state_ == TcpState::kClose && !is_bound_; }
  /// Its names are IPv6's. Linux: sk_family
  bool is_ipv6() const { return is_ipv6_; }
  void make_ipv6() { is_ipv6_ = true; }
  /// Which packets it takes.
  Reach reach() const { return reach_by(tuple.local_address); }

  /// A program holds this socket by a file: its wait queue is told from now on. Linux: sock_graft()
  void set_user(SocketUser* user, WaitQueueId wait_queue);
  SocketUser* user() const { return user_; }

  const SocketTimer& delack_timer() const { return delack_timer_; }
  const SocketTimer& write_timer() const { return write_timer_; }
  const SocketTimer* keepalive_timer() const { return keepalive_timer_.get(); }  // null: never armed
  SocketId id() const { return id_; }
  TcpState state() const { return state_; }
  TcpStack& stack() const { return stack_; }
  NetEnvironment& env() const { return env_; }
  bool is_listening() const { return state_ == TcpState::kListen; }
  const SendState& sending() const { return snd_; }
  const ReceiveState& receiving() const { return rcv_; }
  const AckState& acking() const { return ack_; }
  const RttState& rtt() const { return rtt_; }
  const CongestionState& congestion() const { return cong_; }
  const SegmentCounts& counts() const { return counts_; }
  /// Null while nothing unusual has happened.
  const RareState* unusual() const { return rare_.get(); }
  const TuningState* tuned() const { return tuning_.get(); }
  /// How much was read in a round trip. Linux: rcvq_space.space
  std::uint32_t rcv_space() const;
  const ListenState* listening() const { return listen_.get(); }
  /// What came while a task owned the socket; the first first.
  PacketQueue backlog() const { return rare_ != nullptr ? rare_->backlog : PacketQueue{}; }
  /// Where in its stream the next byte to be read stands, and the next one to be written.
  std::uint64_t read_offset() const { return rcv_.copied_seq - rcv_.irs - 1; }
  std::uint64_t write_offset() const { return snd_.write_seq - snd_.iss - 1; }

  // --- for the stack ---
  /// A segment for this socket, in softirq context: at once, or by way of the backlog. Linux: tcp_v4_rcv()
  void deliver(Packet& packet);
  /// Linux: tcp_v4_do_rcv(). Takes the packet. REQUIRES: locked and not owned, or called by the owner.
  void process(Packet& packet);
  /// Keeps the object alive over whatever may end the connection. Linux: sock_hold(), sock_put()
  void hold() { ++references_; }
  void put();

  struct Shutdown {
    bool receive = false, send = false;
    bool both() const { return receive && send; }
  };
  Shutdown shutdown_state() const { return shutdown_; }
  bool reuse_address() const { return reuse_address_; }
  bool reuse_port() const { return reuse_port_; }

 private:
  friend class TcpStack;
  friend class TimeWait;
  friend class Listener;

  // call_send.cpp
  void init_connect(const Route& route);
  bool has_send_memory(bool wakes) const;
  bool is_writable(bool wakes) const;
  Packet* segment_to_fill(std::uint32_t goal);
  void copy_into(Packet& tail, const std::byte* from, std::uint32_t length);
  bool is_push_due() const;
  void mark_push(Packet& tail);
  void push_along(Packet& tail, std::uint32_t mss);
  void push_last(std::uint32_t mss, bool more);

  // call_receive.cpp
  ReadResult take(std::size_t length, std::byte* to);
  ReadResult peek(std::size_t length, std::byte* to, std::uint32_t peeked);

  // states: the only place that writes state_
  void move(TcpInput input);
  void set_state(TcpState to);
  // the only places that write what views show: each writes and tells
  void move_send(std::uint32_t una, std::uint32_t nxt, std::uint32_t write, std::uint32_t wnd,
                 std::int32_t wmem_queued);
  void move_send(std::uint32_t una, std::uint32_t nxt, std::uint32_t write, std::uint32_t wnd);
  void add_wmem(std::int32_t bytes);
  void move_receive(std::uint32_t nxt, std::uint32_t copied, std::uint32_t wup, std::uint32_t wnd,
                    std::int32_t rmem_alloc);
  void move_receive(std::uint32_t nxt, std::uint32_t copied, std::uint32_t wup, std::uint32_t wnd);
  void add_rmem(std::int32_t bytes);
  void set_buffers(std::int32_t rcvbuf, std::int32_t sndbuf);
  void set_cwnd(std::uint32_t cwnd, std::uint32_t ssthresh);
  void change_rto(std::uint64_t jiffies);
  std::uint32_t initial_rto() const;
  int take_port(std::uint32_t address, std::uint16_t port);
  void named(std::uint32_t address, std::uint16_t port);
  void hold_port();
  void release_port();
  PortClaim claim() const;
  void forget_connection();
  void set_ack_mode(std::uint32_t quick, std::uint32_t pingpong, std::uint32_t ato);

  // who is told
  void data_ready();
  void tcp_data_ready();
  void state_change();
  void error_report(int error);

  // input.cpp, input_states.cpp
  void rcv_established(Packet& packet);
  bool is_predicted(const Packet& packet) const;
  bool take_predicted(Packet& packet);
  void rcv_synsent(Packet& packet);
  void answer_crossed_syn(Packet& packet);
  bool echoes_no_syn(const Packet& packet) const;
  void finish_connect(Packet& packet);
  void rcv_state_process(Packet& packet);
  void challenge();
  bool check_sequence(Packet& packet);
  void answer_out_of_window(Packet& packet);
  bool resets_before_fin(const Packet& packet) const;
  bool check_reset(Packet& packet);
  bool check_syn(Packet& packet);
  void answer_syn(Packet& packet);
  bool check_incoming(Packet& packet);
  enum class Next { kGoOn, kDone };
  Next advance_by_ack(Packet& packet);
  void finish_passive_open(const Packet& packet);
  Next fin_was_acked(const Packet& packet);
  void reset_by_peer();
  void end_with(int error, TcpInput input);
  void discard(Packet& packet, DropReason reason);
  void consume(Packet& packet);

  // input_icmp.cpp
  void on_icmp(const IcmpMessage& message, const IcmpError& error);
  void take_icmp_error(int error);
  void revert_backoff(std::uint32_t seq);
  void mtu_reduced();
  void simple_retransmit();

  // input_ack.cpp
  enum AckVerdict : std::int8_t { kAckTooOld, kAckUnsent, kAckOld, kAckTaken };
  static bool is_refused(AckVerdict verdict) { return verdict == kAckTooOld || verdict == kAckUnsent; }
  AckVerdict judge_ack(std::uint32_t ack) const;
  AckVerdict take_ack(const Packet& packet, bool slow_path);
  bool sets_window(const Packet& packet) const;
  std::uint32_t window_of(const Packet& packet) const;
  void update_window(const Packet& packet);
  struct Cleaned {
    std::uint32_t segments = 0;
    std::int64_t rtt_us = -1;
  };
  Cleaned clean_rtx_queue();
  void free_sent(Packet& packet);
  void ack_probe();
  void data_snd_check();
  void check_space();
  void take_timestamp(const Packet& packet);
  bool passes_paws(const Packet& packet) const;
  bool check_paws(Packet& packet);

  // input_data.cpp
  void data_queue(Packet& packet);
  void queue_in_order(Packet& packet, bool has_text);
  void trim_to(Packet& packet, std::uint32_t seq);
  bool queue_rcv(Packet& packet);
  bool may_merge(const Packet& to, const Packet& packet) const;
  std::uint32_t merge(Packet& to, const Packet& packet);
  void take_fin();
  void event_data_recv(const Packet& packet);
  void free_received(Packet& packet);
  void forget_received(Packet& packet);

  // out_of_order.cpp
  void queue_out_of_order(Packet& packet);
  void insert_out_of_order(Packet& packet);
  void drop_covered_by(const Packet& packet, PacketQueue& behind);
  void take_from_out_of_order();
  void drop_out_of_order();
  void note_duplicate(SackBlock block);
  void extend_duplicate(SackBlock block);

  // prune.cpp
  bool can_ingest(const Packet& packet) const;
  bool try_rmem_schedule(const Packet& packet);
  void clamp_window();
  void collapse(PacketQueue& queue, std::uint32_t start, std::uint32_t end);
  void collapse_out_of_order();
  void drop_collapsed(PacketQueue& queue);
  Packet& pack(PacketQueue& queue, std::uint32_t start, std::uint32_t end);
  void prune_out_of_order(const Packet& packet);

  // urgent.cpp
  void take_urgent(const Packet& packet);
  void note_urgent(std::uint32_t seq);
  bool has_urgent() const { return rare_ != nullptr && rare_->urgent.byte != UrgentState::Byte::kNone; }
  bool sends_urgent() const { return rare_ != nullptr && rare_->urgent.sends; }
  bool is_urgent_in_stream() const { return options().oobinline != 0; }
  void mark_urgent();
  std::uint32_t skip_urgent(std::uint32_t seq, std::uint32_t& used);
  void urgent_was_passed();

  // memory. Linux: sk_forward_alloc
  void mem_charge(std::uint32_t size);
  void mem_uncharge(std::uint32_t size);
  void charge_queued(Packet& packet, std::uint32_t size);

  // ack.cpp
  void measure_rcv_mss(const Packet& packet);
  void incr_quickack(std::uint32_t most);
  void enter_quickack_mode(std::uint32_t most);
  bool in_pingpong() const;
  bool in_quickack_mode() const { return ack_.quick > 0 && !in_pingpong(); }
  bool ack_scheduled() const { return (ack_.pending & ack_pending::kSched) != 0; }
  void schedule_ack() { ack_.pending |= ack_pending::kSched; }
  void ack_snd_check();
  void do_ack_snd_check();
  void send_delayed_ack();
  void send_ack();
  void event_ack_sent();
  void event_data_sent();
  void cleanup_rbuf(std::int64_t copied);
  void delack_timer_handler();
  void set_quickack(int value);

  // ack_compression.cpp
  bool holds_back_ack();
  void send_compressed_ack();
  void stop_compression();
  Restart on_compressed_ack_timer();

  // window.cpp
  std::uint32_t win_from_space(std::int64_t space) const;
  std::int64_t space_from_win(std::int64_t window) const;
  std::int64_t full_space() const;
  std::int64_t free_space() const;
  std::uint32_t receive_window() const;
  std::uint32_t choose_window();
  std::uint16_t select_window();
  void grow_window(const Packet& packet, bool without_head);
  std::uint32_t initial_clamp() const;
  void move_window_clamp(std::uint32_t clamp);
  void grow_rcvbuf(std::uint32_t space);
  void init_buffer_space();
  void expand_sndbuf();
  void rcv_rtt_measure(const Packet& packet);
  void rcv_rtt_update(std::int64_t sample_us, bool by_window);
  void rcv_space_adjust();
  TuningState& tuning();

  // output.cpp
  std::uint32_t current_mss();
  std::uint32_t size_goal(std::uint32_t mss) const;
  std::uint32_t tso_segs(std::uint32_t mss) const, cwnd_quota() const;
  bool write_xmit(std::uint32_t mss, bool push_all, bool push_one);
  std::uint32_t may_send_bytes(const Packet& head, std::uint32_t mss, bool push_all, bool push_one);
  bool nagle_allows(const Packet& head, std::uint32_t mss, bool push_all) const;
  bool tso_should_defer(const Packet& head, std::uint32_t max_segs);
  void grow_head(std::uint32_t bytes);
  Packet& split(PacketQueue& queue, Packet& packet, std::uint32_t bytes);
  void sent_new_data(Packet& packet, std::uint32_t mss);
  void push_pending_frames(std::uint32_t mss, bool push_all);
  void hold_back(WaitReason reason);
  void no_longer_held();
  void check_probe_timer();

  // transmit.cpp
  Packet& new_segment(std::uint8_t flags, std::uint32_t seq);
  void send_out(Packet& packet);
  void transmit(const Packet& queued);
  void transmit_control(std::uint8_t flags, std::uint32_t seq);
  void fill_header(Packet& packet);
  void count_out(const Packet& packet);
  void send_syn(bool with_ack);
  void send_fin();
  void send_reset();
  void write_wakeup(Counter probe);

  // rtt.cpp, congestion.cpp
  void rtt_estimator(std::int64_t us);
  std::uint64_t rto_by_rtt() const;
  void set_rto();
  void cwnd_validate();
  void cong_avoid(std::uint32_t acked);
  void enter_loss();
  std::uint32_t threshold_for_restart() const;
  void cwnd_after_idle();
  void update_pacing_rate();
  std::uint32_t packets_in_flight() const;

  // timers.cpp
  enum class Pending : std::uint8_t { kNone, kRetransmit, kProbe };
  void on_write_timer();
  void on_delack_timer();
  void write_timer_handler();
  void retransmit_timer();
  void probe_timer();
  void send_probe();
  bool has_probed_in_vain();
  void arm_write_timer(Pending what, std::uint64_t jiffies);
  void rearm_rto();
  bool gave_up();
  void write_error();
  void retransmit(Packet& packet, std::uint32_t most_segments);
  void join_small(Packet& packet, std::uint32_t most_bytes);
  void retransmit_lost(std::uint32_t most);
  void clear_timers();
  bool has_timed_out(std::uint32_t retries, std::uint32_t user_timeout_ms);
  std::uint64_t rto_within_user_timeout();
  std::uint64_t probe_within_user_timeout(std::uint64_t jiffies);

  // keepalive.cpp
  void arm_keepalive(std::uint64_t jiffies);
  void start_keepalive();
  void on_keepalive_timer();
  void keepalive_timer_handler();
  void fin_wait2_is_over();
  std::uint64_t silence() const;
  std::uint64_t seconds(int count) const {
    return static_cast<std::uint64_t>(count) * env_.tick().hz().value;
  }

  // ending
  void done(TcpInput input);
  void finish();
  void time_wait(TcpState substate, std::uint64_t jiffies = 0);
  std::uint64_t fin_time() const;
  void orphan_fin_wait2(bool has_fin = false);
  bool must_reset() const;
  void destroy_if_over();
  void purge_write_queue(), purge_receive_queue();
  bool queue_fin();
  void process_backlog();
  void release_deferred();
  void init_transfer(), initialize_rcv_mss();
  void sync_mss(const Route& route);
  Reach reach_by(std::uint32_t local_address) const;
  RareState& rare();
  bool has_backlog() const { return rare_ != nullptr && !rare_->backlog.is_empty(); }
  bool has_out_of_order() const { return rare_ != nullptr && !rare_->out_of_order.is_empty(); }

  TcpStack& stack_;
  NetEnvironment& env_;
  const SocketId id_;
  TcpState state_ = TcpState::kClose;
  bool is_owned_ = false, is_orphan_ = false, is_done_ = false, is_bound_ = false, is_destroyed_ = false;
  bool is_ipv6_ = false, is_mapped_ = false;  // bound to [::ffff:0.0.0.0]
  bool reuse_address_ = false, reuse_port_ = false, rcvbuf_locked_ = false, sndbuf_locked_ = false;
  bool port_locked_ = false, address_locked_ = false;  // Linux: SOCK_BINDPORT_LOCK, SOCK_BINDADDR_LOCK
  bool is_by_connect_ = false;                         // connect() chose the port. Linux: SOCK_CONNECT_BIND
  bool delack_deferred_ = false, write_timer_deferred_ = false;
  Pending pending_ = Pending::kNone;
  Shutdown shutdown_;
  int error_ = 0;
  std::uint32_t references_ = 1;
  TaskId owner_;
  SocketUser* user_ = nullptr;
  SpinLock lock_;
  RecordId owned_record_;
  Jiffies write_timeout_;

  ReceiveState rcv_;
  AckState ack_;
  SendState snd_;
  RttState rtt_;
  std::int32_t forward_alloc_ = 0;  // bytes reserved and not used; here, where rtt_ leaves half a word
  CongestionState cong_;
  SegmentCounts counts_;
  SocketTimer delack_timer_, write_timer_;

  PortClaim held_;  // how it holds its port, where is_bound_
  OptionsHolder options_;
  std::unique_ptr<SocketTimer> keepalive_timer_;  // once it was armed
  std::unique_ptr<RareState> rare_;
  std::unique_ptr<TuningState> tuning_;
  std::unique_ptr<ListenState> listen_;
};

}  // namespace stackscope
