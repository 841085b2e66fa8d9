// shutdown() and close(): how a connection ends, and who is left to see it.
//
// Linux: net/ipv4/tcp.c tcp_shutdown(), __tcp_close(), tcp_close_state(); net/ipv4/af_inet.c inet_shutdown()

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// Our half ends. Whether a FIN must follow. Linux: tcp_close_state()
bool TcpSocket::queue_fin() {
  const bool sends = state_ == TcpState::kSynRecv || may_send(state_);
  if (sends) move(TcpInput::kClose);
  return sends;
}

/// Linux: inet_shutdown(), tcp_shutdown()
int TcpSocket::shutdown(int how) {
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  int result = 0;
  if (is_listening() || state_ == TcpState::kSynSent) {
    if (state_ == TcpState::kSynSent || how != SHUT_WR) disconnect();
  } else {
    if (is_over(state_)) result = -ENOTCONN;
    shutdown_.receive = shutdown_.receive || how != SHUT_WR;
    shutdown_.send = shutdown_.send || how != SHUT_RD;
    if (how != SHUT_RD && may_send(state_) && queue_fin()) send_fin();
  }
  state_change();
  return result;
}

void TcpSocket::disconnect() {
  const TcpState before = state_;
  if (before == TcpState::kListen) {
    stack_.remove_listener(*this);
    Listener(*this).stop();
    move(TcpInput::kClose);
    listen_.reset();
  } else if (before == TcpState::kSynSent) {
    move(TcpInput::kAbort);
  } else if (!is_over(before)) {
    if (must_reset()) send_reset();
    move(TcpInput::kAbort);
  }
  forget_connection();
  if (!is_over(before) && before != TcpState::kListen) error_ = ECONNRESET;
  tuple.remote_address = 0, tuple.remote_port = 0;
  if (!address_locked_) {
    tuple.local_address = 0;
    if (is_bound_) hold_port();
  }
  env_.trace().emit(SocketNamed{id_, tuple.local_address, 0, tuple.local_port, 0});
  error_report(error_);
}

/// What a connection was is forgotten; its numbers stay until the next one begins, which begins beyond what the peer may have
/// been promised. Settings stay, but for two that stand among what was negotiated. Linux: tcp_disconnect()
void TcpSocket::forget_connection() {
  clear_timers();
  stack_.table_.remove(*this);
  purge_write_queue();
  purge_receive_queue();
  if (snd_.stream) env_.streams().let_go(snd_.stream);
  if (rcv_.stream) env_.streams().let_go(rcv_.stream);
  shutdown_ = {};
  is_done_ = false;
  const std::uint32_t next = snd_.write_seq + snd_.max_window + 2;
  move_send(snd_.snd_una, snd_.snd_nxt, next == 0 ? 1 : next, snd_.snd_wnd, 0);
  move_receive(rcv_.rcv_nxt, rcv_.rcv_nxt, rcv_.rcv_wup, rcv_.rcv_wnd, 0);
  set_ack_mode(0, 0, 0);
  set_cwnd(kInitialWindow, kInfiniteSsthresh);
  ack_ = AckState{};
  ack_.rcv_mss = kTcpMinMss;
  cong_ = CongestionState{};
  snd_ = snd_.after_disconnect();
  rcv_ = rcv_.after_disconnect();
  if (options().maxseg != 0) change_options().maxseg = 0;
  if (options().window_clamp != 0) change_options().window_clamp = 0;
  counts_ = {};
  const bool had_rtt = rtt_.srtt_us != 0 || rtt_.rto != initial_rto();
  rtt_ = RttState{};
  rtt_.mdev_us = 1'000'000, rtt_.rto = initial_rto();
  if (had_rtt) change_rto(rtt_.rto);
  rare_.reset(), keepalive_timer_.reset();
  if (tuning_ != nullptr) tuning_->last_tsecr = 0;
}

/// The peer would wait for something otherwise: not where both FINs are sent. Linux: tcp_need_reset(), tcp_disconnect()
bool TcpSocket::must_reset() const {
  const bool is_closing = state_ == TcpState::kClosing || state_ == TcpState::kLastAck;
  return !is_closing || snd_.snd_nxt != snd_.write_seq;
}

/// Up to our FIN. Linux: __tcp_close(), to sk_stream_wait_close()
void TcpSocket::begin_close() {
  env_.charge(env_.tcp_costs().close);
  if (is_listening()) {
    stack_.remove_listener(*this);
    Listener(*this).stop();
    move(TcpInput::kClose);
  }
  bool unread = false;
  while (!rcv_.receive_queue.is_empty()) {
    Packet& packet = rcv_.receive_queue.pop();
    unread = unread || after(packet.seq + packet.payload_bytes, rcv_.copied_seq);
    free_received(packet);
  }
  shutdown_ = {true, true};
  const bool aborts = options().linger_on != 0 && options().linger_s == 0;
  if (state_ == TcpState::kSynSent) {
    if (aborts) env_.counters().add(Counter::kAbortOnData);
    move(TcpInput::kClose);
    stack_.table_.remove(*this);
  } else if (!is_over(state_) && unread && !MUTANT("unread data is closed in order")) {
    // The peer must learn that its bytes were not read (RFC 2525 2.17).
    env_.counters().add(Counter::kAbortOnClose);
    send_reset();
    move(TcpInput::kAbort);
  } else if (!is_over(state_) && aborts) {
    env_.counters().add(Counter::kAbortOnData);
    if (must_reset()) send_reset();
    move(TcpInput::kAbort);
  } else if (queue_fin()) {
    send_fin();
  }
}

/// Nobody holds it any more. Linux: __tcp_close(), from adjudge_to_death on
void TcpSocket::finish_close() {
  user_ = nullptr;
  // sock_orphan(): what follows, a segment in the backlog too, finds nobody to tell
  is_orphan_ = true;
  env_.bh_disable();
  env_.lock(lock_);
  process_backlog();
  if (state_ == TcpState::kFinWait2) {
    orphan_fin_wait2();
  } else {
    destroy_if_over();
  }
  env_.unlock(lock_);
  env_.bh_enable();
}

}  // namespace stackscope
