#include "kernel_model/net/tcp_socket.hpp"

#include <algorithm>
#include <cassert>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

TcpSocket::TcpSocket(TcpStack& stack, SocketId id)
    : ConnectionEntry(Kind::kSocket),
      stack_(stack),
      env_(stack.env()),
      id_(id),
      delack_timer_(TimerFunction::kTcpDelack, this, &call_method<&TcpSocket::on_delack_timer, TcpSocket>),
      write_timer_(TimerFunction::kTcpWrite, this, &call_method<&TcpSocket::on_write_timer, TcpSocket>) {
  const Sysctls& sysctls = env_.sysctls();
  rcv_.rcvbuf = sysctls.tcp_rmem[1];
  snd_.sndbuf = sysctls.tcp_wmem[1];
  rtt_.rto = initial_rto();
  rtt_.mdev_us = 1'000'000;
}

TcpSocket::~TcpSocket() = default;

/// Linux: TCP_TIMEOUT_INIT
std::uint32_t TcpSocket::initial_rto() const {
  return static_cast<std::uint32_t>(env_.tick().from_duration(Duration::s(1)));
}

void TcpSocket::put() {
  assert(references_ > 0);
  if (--references_ == 0) stack_.forget(*this);
}

/// The socket takes one of the table's arrows.
void TcpSocket::move(TcpInput input) {
  const auto to = next_state(state_, input);
  assert(to.has_value() && "no arrow leads from this state");
  assert(*to != TcpState::kTimeWait && "time_wait() takes that one");
  set_state(*to);
}

/// The one place where a socket changes its state.
void TcpSocket::set_state(TcpState to) {
  env_.trace().emit(InetSockSetState{id_, state_, to});
  if (to == TcpState::kEstablished) env_.counters().add(Counter::kTcpCurrEstab);
  const bool was_established = state_ == TcpState::kEstablished || state_ == TcpState::kCloseWait;
  if (was_established && to != TcpState::kCloseWait) env_.counters().add(Counter::kTcpCurrEstab, -1);
  if (was_established && to == TcpState::kClose) env_.counters().add(Counter::kTcpEstabResets);
  if (is_connecting(state_) && to == TcpState::kClose) env_.counters().add(Counter::kTcpAttemptFails);
  state_ = to;
  // Linux: tcp_set_state(): only what bind() named is kept
  if (state_ != TcpState::kClose) return;
  if (!port_locked_) release_port();
  if (is_bound_) hold_port();  // no longer as a listener
}

/// The one place where the sending half's sequence numbers move, and the memory that it holds.
void TcpSocket::move_send(std::uint32_t una, std::uint32_t nxt, std::uint32_t write, std::uint32_t wnd,
                          std::int32_t wmem_queued) {
  if (una == snd_.snd_una && nxt == snd_.snd_nxt && write == snd_.write_seq && wnd == snd_.snd_wnd &&
      wmem_queued == snd_.wmem_queued) {
    return;
  }
  snd_.snd_una = una, snd_.snd_nxt = nxt, snd_.write_seq = write, snd_.snd_wnd = wnd;
  snd_.wmem_queued = wmem_queued;
  env_.trace().emit(TcpSendSequence{id_, una, nxt, write, wnd, static_cast<std::uint32_t>(wmem_queued)});
}

void TcpSocket::move_send(std::uint32_t una, std::uint32_t nxt, std::uint32_t write, std::uint32_t wnd) {
  move_send(una, nxt, write, wnd, snd_.wmem_queued);
}

void TcpSocket::add_wmem(std::int32_t bytes) {
  move_send(snd_.snd_una, snd_.snd_nxt, snd_.write_seq, snd_.snd_wnd, snd_.wmem_queued + bytes);
}

/// The one place where the receiving half's sequence numbers move, and the memory that it holds.
void TcpSocket::move_receive(std::uint32_t nxt, std::uint32_t copied, std::uint32_t wup, std::uint32_t wnd,
                             std::int32_t rmem_alloc) {
  if (nxt == rcv_.rcv_nxt && copied == rcv_.copied_seq && wup == rcv_.rcv_wup && wnd == rcv_.rcv_wnd &&
      rmem_alloc == rcv_.rmem_alloc) {
    return;
  }
  rcv_.rcv_nxt = nxt, rcv_.copied_seq = copied, rcv_.rcv_wup = wup, rcv_.rcv_wnd = wnd;
  rcv_.rmem_alloc = rmem_alloc;
  env_.trace().emit(TcpReceiveSequence{id_, nxt, copied, wup, wnd, static_cast<std::uint32_t>(rmem_alloc)});
}

void TcpSocket::move_receive(std::uint32_t nxt, std::uint32_t copied, std::uint32_t wup, std::uint32_t wnd) {
  move_receive(nxt, copied, wup, wnd, rcv_.rmem_alloc);
}

void TcpSocket::add_rmem(std::int32_t bytes) {
  move_receive(rcv_.rcv_nxt, rcv_.copied_seq, rcv_.rcv_wup, rcv_.rcv_wnd, rcv_.rmem_alloc + bytes);
}

/// The one place where the room for data changes. What a socket starts with, its creation tells.
void TcpSocket::set_buffers(std::int32_t rcvbuf, std::int32_t sndbuf) {
  if (rcvbuf == rcv_.rcvbuf && sndbuf == snd_.sndbuf) return;
  rcv_.rcvbuf = rcvbuf, snd_.sndbuf = sndbuf;
  env_.trace().emit(
      SocketBuffers{id_, static_cast<std::uint32_t>(rcvbuf), static_cast<std::uint32_t>(sndbuf)});
}

/// The one place where the mode of acknowledging changes.
void TcpSocket::set_ack_mode(std::uint32_t quick, std::uint32_t pingpong, std::uint32_t ato) {
  const auto q = static_cast<std::uint8_t>(std::min(quick, 255u));
  const auto p = static_cast<std::uint8_t>(std::min(pingpong, 255u));
  if (q == ack_.quick && p == ack_.pingpong && ato == ack_.ato) return;
  ack_.quick = q, ack_.pingpong = p, ack_.ato = ato;
  env_.trace().emit(TcpAckMode{id_, q, p, ato});
}

/// Linux: net/core/sock.c sock_def_readable(), which is where the tracepoint stands
void TcpSocket::data_ready() {
  env_.trace().emit(SkDataReady{id_});
  if (user_ != nullptr) user_->on_data_ready(*this);
}

bool TcpSocket::is_readable_enough() const {
  const auto available = static_cast<std::int32_t>(rcv_.rcv_nxt - rcv_.copied_seq);
  int target = options().rcvlowat;
  if (has_urgent() && rare_->urgent.urg_seq == rcv_.copied_seq && !is_urgent_in_stream()) ++target;
  return available > 0 && (available >= target || receive_window() <= ack_.rcv_mss);
}

/// Linux: tcp_data_ready()
void TcpSocket::tcp_data_ready() {
  if (is_orphan_) return;
  const auto available = static_cast<std::int32_t>(rcv_.rcv_nxt - rcv_.copied_seq);
  const bool enough = available > 0 && (available >= options().rcvlowat || receive_window() <= ack_.rcv_mss);
  if (enough || is_done_) data_ready();
}

/// Linux: net/core/stream.c sk_stream_write_space()
void TcpSocket::write_space() {
  if (!snd_.no_space || !is_writable(false)) return;
  snd_.no_space = false;
  env_.trace().emit(SkWriteSpace{id_});
  if (user_ != nullptr) user_->on_write_space(*this);
}

void TcpSocket::state_change() {
  if (!is_orphan_ && user_ != nullptr) user_->on_state_change(*this);
}

void TcpSocket::error_report(int error) {
  error_ = error;
  if (!is_orphan_ && user_ != nullptr) user_->on_error_report(*this);
}

void TcpSocket::set_user(SocketUser* user, WaitQueueId wait_queue) {
  user_ = user;
  env_.trace().emit(SocketGrafted{id_, wait_queue});
}

RareState& TcpSocket::rare() {
  if (rare_ == nullptr) rare_ = std::make_unique<RareState>();
  return *rare_;
}

/// Linux: net/ipv4/inet_connection_sock.c inet_csk_destroy_sock()
void TcpSocket::destroy_if_over() {
  if (!is_orphan_ || is_destroyed_ || !is_over(state_)) return;
  is_destroyed_ = true;
  clear_timers();
  purge_write_queue();
  purge_receive_queue();
  if (snd_.stream) env_.streams().let_go(snd_.stream);
  if (rcv_.stream) env_.streams().let_go(rcv_.stream);
  snd_.stream = rcv_.stream = StreamId{};
  stack_.table_.remove(*this);
  release_port();
  put();
}

/// The connection is over. Linux: tcp_done()
void TcpSocket::done(TcpInput input) {
  move(input);
  finish();
}

void TcpSocket::finish() {
  clear_timers();
  shutdown_ = {true, true};
  stack_.table_.remove(*this);
  state_change();
  destroy_if_over();
}

/// The socket hands the connection over to a smaller object, which waits, and is done. `jiffies` are for FIN_WAIT2; TIME_WAIT
/// lasts as long as it lasts. Linux: tcp_time_wait()
void TcpSocket::time_wait(TcpState substate, std::uint64_t jiffies) {
  if (substate == TcpState::kTimeWait) jiffies = env_.tick().from_duration(kTimeWaitLength);
  stack_.table_.remove(*this);
  stack_.leave_time_wait(
      *this, substate,
      {rcv_.rcv_nxt, snd_.snd_nxt, receive_window(), rcv_.rcv_wscale, rcv_.has_timestamps, rcv_.ts_recent},
      jiffies);
  set_state(TcpState::kClose);
  finish();
}

/// Jiffies in which the peer's FIN must come to a socket that nobody holds. Linux: tcp_fin_time()
std::uint64_t TcpSocket::fin_time() const {
  const int linger2 = options().linger2;
  const bool is_default = linger2 == SocketOptions{}.linger2;
  const auto asked = is_default ? static_cast<int>(env_.sysctls().tcp_fin_timeout_s) : linger2;
  const std::uint64_t least = (std::uint64_t{rtt_.rto} << 2) - (rtt_.rto >> 1);
  return std::max(seconds(asked), least);
}

/// Nobody asks for a socket whose peer has not sent its FIN: it waits for that for a while, or not at all (TCP_LINGER2).
/// What is left of it waits for a minute at most; before that the socket does, and also where the FIN came along but may still
/// not be taken. Linux: __tcp_close(), tcp_rcv_state_process()
void TcpSocket::orphan_fin_wait2(bool has_fin) {
  if (options().linger2 < 0) {
    env_.counters().add(Counter::kAbortOnLinger);
    send_reset();
    return done(TcpInput::kAbort);
  }
  const std::uint64_t length = fin_time(), most = env_.tick().from_duration(kTimeWaitLength);
  if (length > most) return arm_keepalive(length - most);
  if (has_fin) return arm_keepalive(length);
  time_wait(TcpState::kFinWait2, length);
}

/// Linux: net/core/stream.c sk_stream_kill_queues(), tcp_write_queue_purge()
void TcpSocket::purge_write_queue() {
  for (PacketQueue* queue : {&snd_.write_queue, &snd_.rtx_queue}) {
    while (!queue->is_empty()) free_sent(queue->pop());
  }
  snd_.packets_out = 0;
}

void TcpSocket::purge_receive_queue() {
  while (!rcv_.receive_queue.is_empty()) free_received(rcv_.receive_queue.pop());
  while (has_backlog()) env_.packets().give_back(rare_->backlog.pop());
  drop_out_of_order();
}

// Memory is reserved a page at a time, for both directions together, and what is left of a page serves the
// next segment. So whether a segment finds its memory reserved already (and takes the fast path) depends on
// what was sent before.

/// Linux: __sk_mem_schedule(), sk_mem_charge(). Differs: no limit over all sockets (tcp_mem).
void TcpSocket::mem_charge(std::uint32_t size) {
  const auto wanted = static_cast<std::int32_t>(size) - forward_alloc_;
  if (wanted > 0) {
    forward_alloc_ += (wanted + static_cast<std::int32_t>(kPageSize) - 1) /
                      static_cast<std::int32_t>(kPageSize) * static_cast<std::int32_t>(kPageSize);
  }
  forward_alloc_ -= static_cast<std::int32_t>(size);
}

/// Linux: sk_mem_uncharge(), sk_mem_reclaim()
void TcpSocket::mem_uncharge(std::uint32_t size) {
  forward_alloc_ += static_cast<std::int32_t>(size);
  forward_alloc_ %= static_cast<std::int32_t>(kPageSize);
}

void TcpSocket::charge_queued(Packet& packet, std::uint32_t size) {
  packet.truesize += size;
  mem_charge(size);
  add_wmem(static_cast<std::int32_t>(size));
}

}  // namespace stackscope
