// What an acknowledgement says: text that arrived, a round trip, a window.
//
// Linux: net/ipv4/tcp_input.c tcp_ack(), tcp_ack_update_window(), tcp_clean_rtx_queue(), tcp_ack_probe(),
//        tcp_data_snd_check(), tcp_check_space()

#include <algorithm>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

/// RFC 7323 4.3: remember the peer's clock as of the segment that we acknowledged last. It never goes back.
void TcpSocket::take_timestamp(const Packet& packet) {
  if (!rcv_.has_timestamps || !packet.options.has_timestamps || after(packet.seq, rcv_.rcv_wup)) return;
  if (!is_older_timestamp(packet.options.tsval, rcv_.ts_recent, 0)) rcv_.ts_recent = packet.options.tsval;
}

/// What was never sent cannot have arrived; and what is older than any window is no late acknowledgement but a guess
/// (RFC 5961 5.2).
TcpSocket::AckVerdict TcpSocket::judge_ack(std::uint32_t ack) const {
  if (after(ack, snd_.snd_nxt)) return kAckUnsent;
  if (!before(ack, snd_.snd_una)) return kAckTaken;
  const auto oldest = static_cast<std::uint32_t>(std::min<std::uint64_t>(snd_.max_window, snd_.bytes_acked));
  return before(ack, snd_.snd_una - oldest) ? kAckTooOld : kAckOld;
}

TcpSocket::AckVerdict TcpSocket::take_ack(const Packet& packet, bool slow_path) {
  env_.charge(env_.tcp_costs().ack_in);
  if (const AckVerdict verdict = judge_ack(packet.ack); verdict != kAckTaken) {
    if (is_refused(verdict) && state_ != TcpState::kSynRecv) challenge();
    return verdict;
  }
  snd_.bytes_acked += packet.ack - snd_.snd_una;
  const bool advances = after(packet.ack, snd_.snd_una);
  const std::uint32_t prior_packets = snd_.packets_out;
  if (advances && rare_ != nullptr) rare_->retransmits = 0;
  if (rare_ != nullptr) rare_->probes_out = 0, rare_->soft_error = 0;
  snd_.rcv_tstamp = jiffies_now(env_);
  take_timestamp(packet);
  if (!slow_path && advances) {  // the window stays, only the edge moves
    env_.counters().add(Counter::kHpAcks);
    snd_.snd_wl1 = packet.seq;
    move_send(packet.ack, snd_.snd_nxt, snd_.write_seq, snd_.snd_wnd);
  } else {
    if (packet.end_seq() == packet.seq) env_.counters().add(Counter::kPureAcks);
    update_window(packet);
  }
  if (prior_packets == 0) {
    ack_probe();
    return kAckTaken;
  }
  Cleaned cleaned = clean_rtx_queue();
  counts_.delivered += cleaned.segments;
  if (cleaned.rtt_us < 0 && cleaned.segments > 0 && rcv_.has_timestamps && packet.options.tsecr != 0) {
    const std::uint32_t ms = stack_.timestamp() - packet.options.tsecr;
    cleaned.rtt_us = std::int64_t{std::max(ms, 1u)} * 1000;  // what was sent twice is told by its timestamp
  }
  if (cleaned.rtt_us >= 0) {
    rtt_estimator(cleaned.rtt_us);
    if (rare_ != nullptr) rare_->backoff = 0;
  }
  if (cleaned.segments > 0) rearm_rto();
  cong_avoid(cleaned.segments);
  update_pacing_rate();
  if (rare_ != nullptr && rare_->in_loss) {
    rare_->in_loss = before(snd_.snd_una, rare_->high_seq);
    if (!rare_->in_loss) rare_->retrans_stamp = 0;
    if (rare_->in_loss && advances) retransmit_lost(cong_.snd_cwnd);
  }
  return kAckTaken;
}

/// RFC 9293 3.10.7.4, fifth: SND.WL1 keeps old segments from setting the window. Linux: tcp_may_update_window()
bool TcpSocket::sets_window(const Packet& packet) const {
  const std::uint32_t window = window_of(packet);
  return after(packet.ack, snd_.snd_una) || after(packet.seq, snd_.snd_wl1) ||
         (packet.seq == snd_.snd_wl1 && (window > snd_.snd_wnd || window == 0));
}

/// A SYN's is never scaled (RFC 7323 2.2).
std::uint32_t TcpSocket::window_of(const Packet& packet) const {
  return packet.has(tcp_flag::kSyn) ? packet.window : std::uint32_t{packet.window} << snd_.snd_wscale;
}

void TcpSocket::update_window(const Packet& packet) {
  const std::uint32_t window = window_of(packet);
  const bool newer = sets_window(packet);
  if (newer) snd_.snd_wl1 = packet.seq;
  const bool changed = newer && window != snd_.snd_wnd;
  move_send(packet.ack, snd_.snd_nxt, snd_.write_seq, newer ? window : snd_.snd_wnd);
  if (!changed) return;
  rcv_.pred_flags = !has_urgent() && !has_out_of_order() && rcv_.rcv_wnd > 0 &&
                    rcv_.rmem_alloc < rcv_.rcvbuf;  // tcp_fast_path_check()
  if (window <= snd_.max_window) return;
  snd_.max_window = window;
  current_mss();
}

void TcpSocket::free_sent(Packet& packet) {
  mem_uncharge(packet.truesize);
  add_wmem(-static_cast<std::int32_t>(packet.truesize));
  env_.packets().give_back(packet);
}

/// Everything before snd_una has arrived. Linux: tcp_clean_rtx_queue(), tcp_tso_acked()
TcpSocket::Cleaned TcpSocket::clean_rtx_queue() {
  Cleaned cleaned;
  if (sends_urgent() && !after(rare_->urgent.snd_up, snd_.snd_una)) rare_->urgent.sends = false;
  std::uint32_t freed = 0;
  const Instant now = env_.engine().now();
  while (Packet* head = snd_.rtx_queue.front()) {
    if (!after(snd_.snd_una, head->seq)) break;
    if (cleaned.rtt_us < 0 && !head->retransmitted) cleaned.rtt_us = (now - head->stamp) / Duration::us(1);
    const std::uint32_t before_segments = head->segments();
    if (after(head->end_seq(), snd_.snd_una)) {  // a super-packet, of which a part arrived
      const std::uint32_t acked = snd_.snd_una - head->seq;
      head->seq += acked, head->stream_offset += acked, head->payload_bytes -= acked;
      head->truesize -= acked;
      freed += acked;
      cleaned.segments += before_segments - head->segments();
      snd_.packets_out -= before_segments - head->segments();
      break;
    }
    cleaned.segments += before_segments;
    snd_.packets_out -= before_segments;
    freed += head->truesize;
    env_.packets().give_back(snd_.rtx_queue.pop());
  }
  mem_uncharge(freed);
  add_wmem(-static_cast<std::int32_t>(freed));
  return cleaned;
}

/// An ACK while nothing is under way: it may have opened the window that probes ask for.
void TcpSocket::ack_probe() {
  const Packet* head = snd_.write_queue.front();
  if (head == nullptr || pending_ != Pending::kProbe) return;
  if (after(head->end_seq(), snd_.snd_una + snd_.snd_wnd)) {
    return arm_write_timer(Pending::kProbe,
                           probe_within_user_timeout(std::uint64_t{rtt_.rto} << rare().backoff));
  }
  rare().backoff = 0, rare().probes_tstamp = {};
  pending_ = Pending::kNone;
}

void TcpSocket::data_snd_check() {
  push_pending_frames(current_mss(), false);
  check_space();
}

/// Linux: tcp_check_space(), tcp_new_space()
void TcpSocket::check_space() {
  if (!snd_.no_space || is_orphan_) return;
  if (!sndbuf_locked_ && packets_in_flight() < cong_.snd_cwnd) expand_sndbuf();
  write_space();
}

}  // namespace stackscope
