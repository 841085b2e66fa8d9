// A segment for a connection: header prediction, then the RFC's steps one after another.
//
// Linux: net/ipv4/tcp_input.c tcp_rcv_established(), tcp_validate_incoming(), tcp_reset();
// net/ipv4/tcp_ipv4.c
//        tcp_v4_do_rcv()

#include <cerrno>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

void TcpSocket::process(Packet& packet) {
  if (state_ == TcpState::kEstablished) return rcv_established(packet);
  if (is_listening()) return Listener(*this).receive(packet);
  rcv_state_process(packet);
}

/// It was of use, or at least harmless.
void TcpSocket::consume(Packet& packet) { env_.packets().give_back(packet); }
void TcpSocket::discard(Packet& packet, DropReason reason) { stack_.drop(packet, reason); }

/// Nothing about this segment is unusual: the next in order, no flags, the same window.
bool TcpSocket::is_predicted(const Packet& packet) const {
  constexpr std::uint8_t kIgnored = tcp_flag::kPsh;
  return rcv_.pred_flags && (packet.flags & ~kIgnored) == tcp_flag::kAck &&
         packet.window == snd_.snd_wnd >> snd_.snd_wscale && packet.seq == rcv_.rcv_nxt &&
         !after(packet.ack, snd_.snd_nxt) &&
         !(rcv_.has_timestamps && packet.options.has_timestamps &&
           before(packet.options.tsval, rcv_.ts_recent));
}

void TcpSocket::rcv_established(Packet& packet) {
  env_.charge(env_.tcp_costs().established);
  env_.trace().emit(TcpProbe{id_, packet.id, packet.payload_bytes, snd_.snd_nxt, snd_.snd_una, cong_.snd_cwnd,
                             snd_.snd_wnd, rtt_.srtt_us >> 3, rcv_.rcv_wnd});
  if (is_predicted(packet) && take_predicted(packet)) return;
  if (!check_incoming(packet)) return;
  if (is_refused(take_ack(packet, true))) return discard(packet, DropReason::kOldAck);
  take_urgent(packet);
  data_queue(packet);
  data_snd_check();
  ack_snd_check();
}

/// The fast path: an ACK, or text whose memory is reserved already. The ACK for text goes out before its
/// reader is woken; on the slow path after. False: nothing was done.
bool TcpSocket::take_predicted(Packet& packet) {
  if (packet.payload_bytes == 0) {
    take_ack(packet, false);
    consume(packet);
    data_snd_check();
    return true;
  }
  if (static_cast<std::int32_t>(packet.truesize) > forward_alloc_) return false;
  take_timestamp(packet);
  env_.charge(env_.tcp_costs().data_queue);
  env_.counters().add(Counter::kHpHits);
  const bool eaten = queue_rcv(packet);
  event_data_recv(packet);
  bool may_ack = true;
  if (packet.ack != snd_.snd_una) {
    take_ack(packet, false);
    data_snd_check();
    may_ack = ack_scheduled();  // what we sent now may have carried the ACK
  } else {
    snd_.snd_wl1 = packet.seq;
  }
  if (may_ack) do_ack_snd_check();
  if (eaten) consume(packet);
  tcp_data_ready();
  return true;
}

/// RFC 5961 7: what may be an attack from aside is answered by an acknowledgement, which the true peer knows how to
/// take. Linux: tcp_send_challenge_ack()
void TcpSocket::challenge() {
  if (!ack_.limit.allows(env_)) return;
  env_.counters().add(Counter::kChallengeAck);
  send_ack();
}

/// Its timestamp is not from before the latest one; or it is, and the segment was overtaken on its way: a pure
/// acknowledgement that repeats the last one. Linux: tcp_paws_check(), tcp_disordered_ack_check()
bool TcpSocket::passes_paws(const Packet& packet) const {
  constexpr std::int32_t kSlack = 1;  // TCP_PAWS_WINDOW
  if (!rcv_.has_timestamps || !packet.options.has_timestamps) return true;
  if (!is_older_timestamp(packet.options.tsval, rcv_.ts_recent, kSlack)) return true;
  const bool repeats = packet.has(tcp_flag::kAck) && packet.seq == packet.end_seq() &&
                       packet.seq == rcv_.rcv_nxt && packet.ack == snd_.snd_una && !sets_window(packet);
  const auto replay_ms = static_cast<std::int32_t>(std::uint64_t{rtt_.rto} * 1200 / env_.tick().hz().value);
  return repeats && static_cast<std::int32_t>(rcv_.ts_recent - packet.options.tsval) <= replay_ms;
}

/// RFC 7323 5.3, R1: what is older than the connection's latest segment is acknowledged and not taken; a reset is believed.
bool TcpSocket::check_paws(Packet& packet) {
  if (packet.has(tcp_flag::kRst) || passes_paws(packet)) return true;
  if (packet.has(tcp_flag::kSyn)) return answer_syn(packet), false;
  // An acknowledgement that came late is nothing unusual, and not answered.
  const bool is_late_ack =
      packet.has(tcp_flag::kAck) && packet.seq == packet.end_seq() && before(packet.seq, rcv_.rcv_nxt);
  env_.counters().add(is_late_ack ? Counter::kPawsOldAck : Counter::kPawsEstab);
  if (is_late_ack) return discard(packet, DropReason::kOldAck), false;
  answer_out_of_window(packet);
  return false;
}

/// RFC 9293 3.10.7.4, first: the sequence number. Linux: tcp_sequence()
bool TcpSocket::check_sequence(Packet& packet) {
  const std::uint32_t window_end = rcv_.rcv_nxt + receive_window();
  const bool is_old = before(packet.end_seq(), rcv_.rcv_wup);
  bool is_beyond = after(packet.end_seq(), window_end);
  // What sticks out of the window is taken where nothing waits to be read.
  if (is_beyond && !after(packet.seq, window_end)) {
    is_beyond = !rcv_.receive_queue.is_empty();
    if (is_beyond) env_.counters().add(Counter::kBeyondWindow);
  }
  if (!is_old && !is_beyond) return true;
  answer_out_of_window(packet);
  return false;
}

/// Linux: tcp_send_dupack()
void TcpSocket::answer_out_of_window(Packet& packet) {
  if (packet.has(tcp_flag::kRst)) {
    const bool is_believed = resets_before_fin(packet);
    discard(packet, DropReason::kOutOfWindow);
    return is_believed ? reset_by_peer() : void();
  }
  if (packet.has(tcp_flag::kSyn)) return answer_syn(packet);
  const bool may = ack_.limit.allows(env_, packet);
  const bool was_seen = packet.end_seq() != packet.seq && before(packet.seq, rcv_.rcv_nxt);
  const SackBlock block{packet.seq, after(packet.end_seq(), rcv_.rcv_nxt) ? rcv_.rcv_nxt : packet.end_seq()};
  discard(packet, DropReason::kOutOfWindow);
  if (!may) return;
  if (was_seen) {
    env_.counters().add(Counter::kDelayedAckLost);
    enter_quickack_mode(kMaxQuickAcks);
    note_duplicate(block);
  }
  send_ack();
}

/// The peer has sent its FIN and resets with the number before it: it does not count its own FIN.
/// Linux: tcp_reset_check()
bool TcpSocket::resets_before_fin(const Packet& packet) const {
  const bool has_fin =
      state_ == TcpState::kCloseWait || state_ == TcpState::kLastAck || state_ == TcpState::kClosing;
  return has_fin && packet.seq == rcv_.rcv_nxt - 1;
}

/// Second: the RST bit (RFC 5961 3.2): only the exact next number is believed.
bool TcpSocket::check_reset(Packet& packet) {
  if (!packet.has(tcp_flag::kRst)) return true;
  const bool is_exact = packet.seq == rcv_.rcv_nxt || resets_before_fin(packet);
  consume(packet);
  is_exact ? reset_by_peer() : challenge();
  return false;
}

/// Fourth: the SYN bit (RFC 5961 4.2): answered by a challenge. Where both ends opened at once, the peer's
/// SYN-ACK is the acknowledgement that we wait for.
bool TcpSocket::check_syn(Packet& packet) {
  if (!packet.has(tcp_flag::kSyn)) return true;
  const bool crossed = state_ == TcpState::kSynRecv && packet.has(tcp_flag::kAck) &&
                       packet.seq + 1 == rcv_.rcv_nxt && packet.ack == snd_.snd_nxt;
  if (crossed) return true;
  answer_syn(packet);
  return false;
}

void TcpSocket::answer_syn(Packet& packet) {
  env_.counters().add(Counter::kSynChallenge);
  discard(packet, DropReason::kOutOfWindow);
  challenge();
}

/// Whether to go on with the segment; if not, it was answered and is gone. Without any of these bits it is worth nothing,
/// wherever it lies. Linux: tcp_validate_incoming(), and the test before each of its calls
bool TcpSocket::check_incoming(Packet& packet) {
  if ((packet.flags & (tcp_flag::kAck | tcp_flag::kRst | tcp_flag::kSyn)) == 0) {
    discard(packet, DropReason::kOldAck);
    return false;
  }
  return check_paws(packet) && check_sequence(packet) && check_reset(packet) && check_syn(packet);
}

/// Linux: tcp_reset()
void TcpSocket::reset_by_peer() {
  if (is_over(state_)) return;
  int error = ECONNRESET;
  if (state_ == TcpState::kSynSent) error = ECONNREFUSED;
  if (state_ == TcpState::kCloseWait) error = EPIPE;
  end_with(error, TcpInput::kReset);
}

/// Linux: tcp_done_with_error()
void TcpSocket::end_with(int error, TcpInput input) {
  purge_write_queue();
  error_ = error;
  hold();
  done(input);
  if (!is_orphan_) error_report(error);
  put();
}

}  // namespace stackscope
