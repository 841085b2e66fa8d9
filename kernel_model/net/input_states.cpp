// Segments for a connection that is being opened or closed.
//
// Linux: net/ipv4/tcp_input.c tcp_rcv_state_process(), tcp_rcv_synsent_state_process(), tcp_finish_connect(),
//        tcp_init_transfer()

#include <algorithm>
#include <cerrno>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

namespace {

/// It tells of text from `rcv_nxt` on that nobody will read: by carrying it, or by a FIN that lies behind it.
bool goes_on_after(std::uint32_t rcv_nxt, const Packet& packet) {
  return packet.seq != packet.end_seq() && after(packet.seq + packet.payload_bytes, rcv_nxt);
}

}  // namespace

/// A guess, until segments come. Linux: tcp_initialize_rcv_mss()
void TcpSocket::initialize_rcv_mss() {
  const std::uint32_t mss = std::min({rcv_.advmss, snd_.mss_cache, rcv_.rcv_wnd / 2, kTcpMssDefault});
  ack_.rcv_mss = std::max(mss, kTcpMinMss);
}

/// A connection may now carry data. Linux: tcp_init_transfer()
void TcpSocket::init_transfer() {
  init_buffer_space();
  set_cwnd(kInitialWindow, cong_.snd_ssthresh);
  initialize_rcv_mss();
}

/// The timestamp that it echoes is none of those that our SYNs carried.
bool TcpSocket::echoes_no_syn(const Packet& packet) const {
  if (!rcv_.has_timestamps || !packet.options.has_timestamps || packet.options.tsecr == 0) return false;
  const bool was_repeated = rare_ != nullptr && rare_->retrans_stamp != 0;
  const std::uint32_t first =
      was_repeated ? rare_->retrans_stamp : TcpStack::timestamp_of(snd_.rtx_queue.front()->stamp);
  return before(packet.options.tsecr, first) || after(packet.options.tsecr, stack_.timestamp());
}

/// RFC 9293 3.10.7.3, in SYN-SENT.
void TcpSocket::rcv_synsent(Packet& packet) {
  const bool acks = packet.has(tcp_flag::kAck);
  if (acks && (!after(packet.ack, snd_.snd_una) || after(packet.ack, snd_.snd_nxt))) {  // first
    // The peer may have an old connection by these names: our reset ends it, so the next SYN is worth sending soon.
    if (rare_ == nullptr || rare_->retransmits == 0) arm_write_timer(Pending::kRetransmit, kTimeoutMin);
    stack_.send_reset_for(packet);
    return discard(packet, DropReason::kOldAck);
  }
  if (acks && echoes_no_syn(packet)) {
    env_.counters().add(Counter::kPawsActive);
    stack_.send_reset_for(packet);
    return discard(packet, DropReason::kOldAck);
  }
  if (packet.has(tcp_flag::kRst)) {  // second
    consume(packet);
    if (acks) reset_by_peer();
    return;
  }
  if (!packet.has(tcp_flag::kSyn)) return discard(packet, DropReason::kOldAck);  // fifth
  // The connection took the place of one in TIME_WAIT, and this is that one's. Linux: tcp_paws_reject()
  if (!acks && packet.options.has_timestamps && is_older_timestamp(packet.options.tsval, rcv_.ts_recent, 0))
    return discard(packet, DropReason::kOldAck);
  // fourth: what the peer's SYN says
  rcv_.irs = packet.seq;
  if (env_.streams().hold(packet.stream)) rcv_.stream = packet.stream;
  const bool scaled = packet.options.window_scale >= 0 && env_.sysctls().tcp_window_scaling;
  rcv_.wscale_ok = scaled;
  snd_.snd_wscale = scaled ? static_cast<std::uint8_t>(packet.options.window_scale) : 0;
  if (!scaled && acks) {
    rcv_.rcv_wscale = 0;
    rcv_.window_clamp = std::min(rcv_.window_clamp, 65535u);
  }
  rcv_.sack_ok = rcv_.sack_ok && packet.options.sack_permitted;
  rcv_.has_timestamps = rcv_.has_timestamps && packet.options.has_timestamps;
  rcv_.ts_recent = packet.options.tsval;
  if (packet.options.mss != 0) snd_.mss_clamp = within_maxseg(packet.options.mss);
  if (!acks) return answer_crossed_syn(packet);
  if (rcv_.has_timestamps) rcv_.advmss -= 12;
  snd_.snd_wl1 = packet.seq;
  take_ack(packet, true);
  finish_connect(packet);
}

/// Both ends opened at the same time: answer the SYN, wait for the answer to ours. Linux: tcp_send_synack()
void TcpSocket::answer_crossed_syn(Packet& packet) {
  move(TcpInput::kSyn);
  snd_.snd_wl1 = packet.seq;
  snd_.max_window = packet.window;
  move_receive(packet.seq + 1, packet.seq + 1, packet.seq + 1, rcv_.rcv_wnd);
  move_send(snd_.snd_una, snd_.snd_nxt, snd_.write_seq, packet.window);
  current_mss();
  consume(packet);
  send_syn(true);
}

void TcpSocket::finish_connect(Packet& packet) {
  move_receive(packet.seq + 1, packet.seq + 1, packet.seq + 1, rcv_.rcv_wnd);
  move_send(snd_.snd_una, snd_.snd_nxt, snd_.write_seq, packet.window);
  current_mss();
  move(TcpInput::kSynAck);
  start_keepalive();
  ack_.lrcvtime = cong_.lsndtime = jiffies_now(env_);
  init_transfer();
  rcv_.pred_flags = snd_.snd_wscale == 0;
  consume(packet);
  state_change();
  if (!in_pingpong()) return send_ack();
  // TCP_QUICKACK = 0: the third segment may wait for the program's first data
  schedule_ack();
  enter_quickack_mode(kMaxQuickAcks);
  ack_.timeout = jiffies_now(env_) + env_.tick().hz().value / 5;
  ack_.pending |= ack_pending::kTimer;
  ack_.since = env_.engine().now();
  delack_timer_.arm(env_, id_, ack_.timeout);
}

void TcpSocket::rcv_state_process(Packet& packet) {
  env_.charge(env_.tcp_costs().established);
  if (is_over(state_)) return discard(packet, DropReason::kNoSocket);
  if (state_ == TcpState::kSynSent) return rcv_synsent(packet);
  if (!check_incoming(packet)) return;

  const AckVerdict verdict = take_ack(packet, true);
  if (verdict != kAckTaken && state_ == TcpState::kSynRecv) {
    stack_.send_reset_for(packet);
    return discard(packet, DropReason::kOldAck);
  }
  if (is_refused(verdict)) return discard(packet, DropReason::kOldAck);
  if (advance_by_ack(packet) == Next::kDone) return consume(packet);

  // seventh: the text. A FIN or text that was seen before is only looked at for the ACK that it needs.
  const bool fin_was_taken =
      state_ == TcpState::kCloseWait || state_ == TcpState::kClosing || state_ == TcpState::kLastAck;
  take_urgent(packet);
  if (fin_was_taken && !before(packet.seq, rcv_.rcv_nxt)) {
    data_snd_check();
    ack_snd_check();
    return consume(packet);
  }
  if (shutdown_.receive && state_ != TcpState::kEstablished && goes_on_after(rcv_.rcv_nxt, packet)) {
    // Text for a program that will not read: it must not be lost in silence (RFC 2525 2.17).
    env_.counters().add(Counter::kAbortOnData);
    stack_.send_reset_for(packet);
    consume(packet);
    return reset_by_peer();
  }
  data_queue(packet);
  if (is_over(state_)) return;
  data_snd_check();
  ack_snd_check();
}

/// Fifth: the ACK may have been for our SYN or our FIN.
TcpSocket::Next TcpSocket::advance_by_ack(Packet& packet) {
  const bool all_acked = snd_.snd_una == snd_.write_seq && snd_.write_queue.is_empty();
  switch (state_) {
    case TcpState::kSynRecv:
      finish_passive_open(packet);
      return Next::kGoOn;
    case TcpState::kFinWait1:
      return all_acked ? fin_was_acked(packet) : Next::kGoOn;
    case TcpState::kClosing:
      if (!all_acked) return Next::kGoOn;
      time_wait(TcpState::kTimeWait);
      return Next::kDone;
    case TcpState::kLastAck:
      if (!all_acked) return Next::kGoOn;
      done(TcpInput::kAckOfFin);
      return Next::kDone;
    default:
      return Next::kGoOn;
  }
}

/// Where both ends opened at once, nothing has set lrcvtime: what is sent first is no answer to anything.
void TcpSocket::finish_passive_open(const Packet& packet) {
  if (rcv_.has_timestamps) rcv_.advmss -= 12;
  ++counts_.delivered;  // the SYN-ACK
  init_transfer();
  move(TcpInput::kAckOfSyn);
  state_change();
  const std::uint32_t window = window_of(packet);
  move_send(packet.ack, snd_.snd_nxt, snd_.write_seq, window);
  snd_.snd_wl1 = packet.seq;
  snd_.max_window = std::max(snd_.max_window, window);
  current_mss();
  update_pacing_rate();
  cong_.lsndtime = jiffies_now(env_);
  rcv_.pred_flags = true;
  if (shutdown_.send && queue_fin()) send_fin();  // it was shut down before it had anybody to tell
}

TcpSocket::Next TcpSocket::fin_was_acked(const Packet& packet) {
  move(TcpInput::kAckOfFin);
  shutdown_.send = true;
  if (!is_orphan_) {
    state_change();
    return Next::kGoOn;
  }
  if (options().linger2 < 0 || goes_on_after(rcv_.rcv_nxt, packet)) {
    env_.counters().add(Counter::kAbortOnData);
    stack_.send_reset_for(packet);
    done(TcpInput::kAbort);
    return Next::kDone;
  }
  orphan_fin_wait2(packet.has(tcp_flag::kFin));
  return state_ == TcpState::kFinWait2 ? Next::kGoOn : Next::kDone;
}

}  // namespace stackscope
