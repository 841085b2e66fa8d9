// Segments on their way out: a copy of what is queued, with a header of this moment.
//
// Linux: net/ipv4/tcp_output.c __tcp_transmit_skb(), tcp_connect(), tcp_send_fin(), tcp_send_active_reset(),
//        tcp_write_wakeup()
// Differs: an allocation never fails.

#include <algorithm>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

/// An empty segment of this connection, for a queue or to be sent at once.
Packet& TcpSocket::new_segment(std::uint8_t flags, std::uint32_t seq) {
  Packet& packet = stack_.control_segment(tuple, flags, seq, 0);
  packet.stream = snd_.stream;
  packet.stream_offset = seq - snd_.iss - 1;
  return packet;
}

/// A SYN offers what is not off here; where it answers a SYN that crossed it, too, whatever that one has.
/// Linux: tcp_syn_options(), tcp_established_options()
void TcpSocket::fill_header(Packet& packet) {
  const bool is_syn = packet.has(tcp_flag::kSyn);
  packet.options.has_timestamps = is_syn ? env_.sysctls().tcp_timestamps : rcv_.has_timestamps;
  packet.options.tsval = stack_.timestamp();
  packet.options.tsecr = rcv_.ts_recent;
  if (is_syn) {
    packet.options.mss = static_cast<std::uint16_t>(rcv_.advmss);
    packet.options.sack_permitted = env_.sysctls().tcp_sack;
    if (env_.sysctls().tcp_window_scaling)
      packet.options.window_scale = static_cast<std::int8_t>(rcv_.rcv_wscale);
    packet.window =
        static_cast<std::uint16_t>(std::min(rcv_.rcv_wnd, 65535u));  // never scaled (RFC 7323 2.2)
  } else {
    packet.window = select_window();
    if (rare_ != nullptr) rare_->blocks.tell(packet.options);
  }
  if (packet.has(tcp_flag::kAck)) packet.ack = rcv_.rcv_nxt;
  packet.flags &= static_cast<std::uint8_t>(~tcp_flag::kUrg);
  if (sends_urgent() && before(packet.seq, rare_->urgent.snd_up)) {
    const std::uint32_t ahead = rare_->urgent.snd_up - packet.seq;
    packet.flags |= tcp_flag::kUrg;
    packet.urgent = static_cast<std::uint16_t>(std::min(ahead, 0xffffu));
  }
}

/// Writes the header and hands the segment to IP. What it does to ACKs that were due is done before that.
void TcpSocket::send_out(Packet& packet) {
  env_.charge(env_.tcp_costs().transmit);
  fill_header(packet);
  if (packet.has(tcp_flag::kAck)) event_ack_sent();
  count_out(packet);
  if (packet.payload_bytes > 0) event_data_sent();
  cong_.last_write = env_.engine().now();
  stack_.send(packet);
}

void TcpSocket::count_out(const Packet& packet) {
  counts_.segs_out += packet.segments();
  if (packet.payload_bytes == 0) return;
  counts_.data_segs_out += packet.segments();
  counts_.bytes_sent += packet.payload_bytes;
}

/// Sends a copy of a queued segment: the queue keeps its own until it is acknowledged.
void TcpSocket::transmit(const Packet& queued) {
  Packet& packet = env_.packets().take();
  const PacketId id = packet.id;
  packet = queued;
  packet.id = id, packet.next = nullptr;
  packet.retransmitted = packet.lost = false;
  packet.original = &queued, packet.original_id = queued.id;
  if (packet.segments() > 1)
    packet.flags |= tcp_flag::kPsh;  // so that the receiver need not wait for more to merge
  send_out(packet);
}

/// A segment that no queue remembers: a pure ACK, a probe, a RST.
void TcpSocket::transmit_control(std::uint8_t flags, std::uint32_t seq) { send_out(new_segment(flags, seq)); }

/// Our SYN, into the retransmission queue and onto the wire. Linux: tcp_connect(); with the peer's SYN
/// acknowledged (both opened at once), tcp_send_synack()
void TcpSocket::send_syn(bool with_ack) {
  const std::uint8_t flags = with_ack ? tcp_flag::kSyn | tcp_flag::kAck : tcp_flag::kSyn;
  if (!snd_.rtx_queue.is_empty()) free_sent(snd_.rtx_queue.pop());
  Packet& syn = new_segment(flags, snd_.iss);
  syn.stamp = env_.engine().now();
  syn.truesize = 0;
  charge_queued(syn, kSkbOverhead);
  snd_.rtx_queue.push(syn);
  snd_.packets_out = 1;
  move_send(snd_.iss, snd_.iss + 1, snd_.iss + 1, snd_.snd_wnd);
  snd_.pushed_seq = snd_.write_seq;
  transmit(syn);
}

/// Our FIN joins the last segment that waits, or goes as one of its own. Linux: tcp_send_fin()
void TcpSocket::send_fin() {
  std::int32_t wmem = snd_.wmem_queued;
  if (Packet* last = snd_.write_queue.back()) {
    last->flags |= tcp_flag::kFin;
  } else {
    Packet& fin = new_segment(tcp_flag::kAck | tcp_flag::kFin, snd_.write_seq);
    mem_charge(kSkbOverhead);
    wmem += static_cast<std::int32_t>(kSkbOverhead);
    snd_.write_queue.push(fin);
  }
  move_send(snd_.snd_una, snd_.snd_nxt, snd_.write_seq + 1, snd_.snd_wnd, wmem);
  push_pending_frames(current_mss(), true);
}

/// Linux: tcp_send_active_reset()
void TcpSocket::send_reset() {
  env_.counters().add(Counter::kTcpOutRsts);
  transmit_control(tcp_flag::kRst | tcp_flag::kAck, snd_.snd_nxt);
}

/// Into a window that may be closed: what fits of the next segment, or an old sequence number that forces an
/// answer; then `probe` counts it. Linux: tcp_write_wakeup(), tcp_xmit_probe_skb()
void TcpSocket::write_wakeup(Counter probe) {
  Packet* head = snd_.write_queue.front();
  const std::uint32_t end = snd_.snd_una + snd_.snd_wnd;
  if (head == nullptr || !before(head->seq, end)) {
    env_.counters().add(probe);
    return transmit_control(tcp_flag::kAck, snd_.snd_una - 1);
  }
  const std::uint32_t mss = current_mss();
  const std::uint32_t fits = std::min(end - head->seq, mss);
  if (fits < head->payload_bytes) split(snd_.write_queue, *head, fits);
  head->flags |= tcp_flag::kPsh;
  head->stamp = env_.engine().now();
  transmit(*head);
  sent_new_data(*head, mss);
}

}  // namespace stackscope
