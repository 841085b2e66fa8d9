// Text that arrives: in order, again, or beyond the window. What comes too early is out_of_order.cpp's, what finds no room
// prune.cpp's.
//
// Linux: net/ipv4/tcp_input.c tcp_data_queue(), tcp_queue_rcv(), tcp_try_coalesce(), tcp_fin()

#include <algorithm>
#include <cassert>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kMostMerged = 17 * kPageSize;  // MAX_SKB_FRAGS pages

}  // namespace

void TcpSocket::data_queue(Packet& packet) {
  if (packet.seq == packet.end_seq()) return consume(packet);
  env_.charge(env_.tcp_costs().data_queue);
  const std::uint32_t window_end = rcv_.rcv_nxt + receive_window();
  const bool bare_fin = packet.payload_bytes == 0 && packet.has(tcp_flag::kFin);
  const bool closed = receive_window() == 0;
  const bool has_text = packet.payload_bytes > 0;
  if (packet.seq == rcv_.rcv_nxt && (!closed || bare_fin)) return queue_in_order(packet, has_text);

  const bool is_old = !after(packet.end_seq(), rcv_.rcv_nxt);
  const bool is_beyond = !before(packet.seq, window_end);
  if (is_old || is_beyond || (closed && !after(packet.seq, rcv_.rcv_nxt))) {
    if (is_old) {
      env_.counters().add(Counter::kDelayedAckLost);
      note_duplicate({packet.seq, packet.end_seq()});
    }
    if (closed && packet.seq == rcv_.rcv_nxt) env_.counters().add(Counter::kZeroWindowDrop);
    enter_quickack_mode(kMaxQuickAcks);
    schedule_ack();
    return discard(packet, DropReason::kOutOfWindow);
  }
  if (before(packet.seq, rcv_.rcv_nxt)) {
    note_duplicate({packet.seq, rcv_.rcv_nxt});
    trim_to(packet, rcv_.rcv_nxt);
    return queue_in_order(packet, has_text);
  }
  queue_out_of_order(packet);
}

/// `has_text`: also where all of it has come before, and only the FIN is new.
void TcpSocket::queue_in_order(Packet& packet, bool has_text) {
  if (!try_rmem_schedule(packet)) {
    // No memory: say so by a closed window, at once, and drop unless nothing else is here to be read.
    ack_.pending |= ack_pending::kNoMem | ack_pending::kNow;
    schedule_ack();
    data_ready();
    if (!rcv_.receive_queue.is_empty() && has_text) {
      env_.counters().add(Counter::kRcvQDrop);
      return discard(packet, DropReason::kReceiveBuffer);
    }
  }
  const bool has_fin = packet.has(tcp_flag::kFin);
  const bool eaten = queue_rcv(packet);
  if (has_text) event_data_recv(packet);
  if (eaten) consume(packet);
  if (has_fin) take_fin();
  if (has_out_of_order()) {
    take_from_out_of_order();
    if (!has_out_of_order()) ack_.pending |= ack_pending::kNow;  // RFC 5681 4.2: a gap was filled
  }
  if (rare_ != nullptr) rare_->blocks.remove_before(rcv_.rcv_nxt);
  rcv_.pred_flags = rcv_.pred_flags || (!has_urgent() && !has_out_of_order() && rcv_.rcv_wnd > 0 &&
                                        rcv_.rmem_alloc < rcv_.rcvbuf);
  tcp_data_ready();
}

/// It goes on where `to` ends; may its payload join, or its FIN alone? Not where the sender on this host still holds that one's memory.
/// Linux: tcp_try_coalesce(), skb_try_coalesce()
bool TcpSocket::may_merge(const Packet& to, const Packet& packet) const {
  const bool is_cloned = to.arrived_on == DeviceKind::kLoopback && to.is_cloned();
  if (is_cloned || to.has(tcp_flag::kFin)) return false;
  if (packet.payload_bytes <= to.tail_room) return true;
  return !packet.is_linear && to.payload_bytes + packet.payload_bytes <= kMostMerged;
}

/// Returns how much memory `to` takes now beyond what it took. The packet itself is still the caller's.
std::uint32_t TcpSocket::merge(Packet& to, const Packet& packet) {
  const bool is_copied = packet.payload_bytes <= to.tail_room;
  const std::uint32_t size = is_copied ? 0 : packet.truesize - std::min(packet.truesize, kSkbOverhead);
  to.tail_room -= is_copied ? packet.payload_bytes : to.tail_room;
  to.payload_bytes += packet.payload_bytes;
  to.flags |= packet.flags;
  to.truesize += size;
  env_.counters().add(Counter::kRcvCoalesce);
  mem_charge(size);
  return size;
}

/// Appends to the receive queue, to its last segment where that is possible; then the packet is eaten: its
/// payload is queued, the packet itself is still the caller's. Linux: tcp_queue_rcv()
bool TcpSocket::queue_rcv(Packet& packet) {
  Packet* last = rcv_.receive_queue.back();
  const std::uint32_t next = rcv_.rcv_nxt + (packet.end_seq() - packet.seq);
  const bool merges = last != nullptr && may_merge(*last, packet);
  std::uint32_t size = packet.truesize;
  if (merges) {
    size = merge(*last, packet);
  } else {
    mem_charge(size);
    rcv_.receive_queue.push(packet);
  }
  move_receive(next, rcv_.copied_seq, rcv_.rcv_wup, rcv_.rcv_wnd,
               rcv_.rmem_alloc + static_cast<std::int32_t>(size));
  return merges;
}

void TcpSocket::free_received(Packet& packet) {
  add_rmem(-static_cast<std::int32_t>(packet.truesize));
  forget_received(packet);
}

/// A packet of which rmem_alloc knows nothing any more.
void TcpSocket::forget_received(Packet& packet) {
  mem_uncharge(packet.truesize);
  env_.packets().give_back(packet);
}

/// Eighth: the FIN bit.
void TcpSocket::take_fin() {
  schedule_ack();
  shutdown_.receive = true;
  is_done_ = true;
  const TcpState before_fin = state_;
  if (before_fin == TcpState::kFinWait1 || before_fin == TcpState::kFinWait2) send_ack();
  const bool is_last = before_fin == TcpState::kFinWait2;
  if (is_last) {
    time_wait(TcpState::kTimeWait);
  } else if (next_state(state_, TcpInput::kFin)) {
    move(TcpInput::kFin);
  }
  if (state_ == TcpState::kCloseWait) set_ack_mode(ack_.quick, env_.sysctls().tcp_pingpong_thresh, ack_.ato);
  drop_out_of_order();
  state_change();
}

void TcpSocket::trim_to(Packet& packet, std::uint32_t seq) {
  const std::uint32_t cut = seq - packet.seq;
  assert(cut <= packet.payload_bytes);
  packet.seq += cut, packet.stream_offset += cut, packet.payload_bytes -= cut;
  packet.gso_size = 0;
}

}  // namespace stackscope
