// Text that came before its turn: kept in order, told to the peer by SACK, and taken when the gap is filled.
//
// Linux: net/ipv4/tcp_input.c tcp_data_queue_ofo(), tcp_ooo_try_coalesce(), tcp_ofo_queue(), tcp_dsack_set()
// Differs: a list where Linux has a red-black tree: who looks at neither memory nor time will not notice.

#include <algorithm>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

/// It came twice. RFC 2883 4. Linux: tcp_dsack_set()
void TcpSocket::note_duplicate(SackBlock block) {
  if (!rcv_.sack_ok || !env_.sysctls().tcp_dsack) return;
  const bool is_old = before(block.start, rcv_.rcv_nxt);
  env_.counters().add(is_old ? Counter::kDsackOldSent : Counter::kDsackOfoSent);
  rare().blocks.set_duplicate(block);
}

/// Linux: tcp_dsack_extend()
void TcpSocket::extend_duplicate(SackBlock block) {
  if (rare_ == nullptr || !rare_->blocks.has_duplicate()) return note_duplicate(block);
  rare_->blocks.extend_duplicate(block);
}

void TcpSocket::queue_out_of_order(Packet& packet) {
  if (!try_rmem_schedule(packet)) {
    env_.counters().add(Counter::kOfoDrop);
    data_ready();
    return discard(packet, DropReason::kReceiveBuffer);
  }
  measure_rcv_mss(packet);
  rcv_.pred_flags = false;
  schedule_ack();
  env_.counters().add(Counter::kOfoQueue);
  const SackBlock block{packet.seq, packet.end_seq()};
  const bool is_first = !has_out_of_order();
  insert_out_of_order(packet);
  if (rcv_.sack_ok) {
    if (is_first) rare_->blocks.forget_ranges();
    const bool is_crowded = rare_->blocks.add(block);
    if (is_crowded) send_compressed_ack();
  }
  if (user_ != nullptr) grow_rcvbuf(tuning().space);
}

/// At its place, unless all of it is here; what it covers is dropped. A neighbour that it continues takes it over.
void TcpSocket::insert_out_of_order(Packet& packet) {
  PacketQueue kept, &queue = rare().out_of_order;
  Packet* before_it = nullptr;
  while (!queue.is_empty() && !before(packet.seq, queue.front()->seq)) {
    if (queue.front()->seq == packet.seq && after(packet.end_seq(), queue.front()->end_seq()))
      break;  // covered
    before_it = &queue.pop();
    kept.push(*before_it);
  }
  const bool is_known = before_it != nullptr && !after(packet.end_seq(), before_it->end_seq());
  if (is_known) {
    env_.counters().add(Counter::kOfoMerge);
    note_duplicate({packet.seq, packet.end_seq()});
    discard(packet, DropReason::kOutOfWindow);
  } else if (before_it != nullptr && packet.seq == before_it->end_seq() && may_merge(*before_it, packet)) {
    add_rmem(static_cast<std::int32_t>(merge(*before_it, packet)));
    if (rcv_.sack_ok) grow_window(packet, true);
    consume(packet);
  } else {
    if (before_it != nullptr && before(packet.seq, before_it->end_seq())) {
      note_duplicate({packet.seq, before_it->end_seq()});
    }
    drop_covered_by(packet, queue);
    kept.push(packet);
    if (rcv_.sack_ok) grow_window(packet, false);
    add_rmem(static_cast<std::int32_t>(packet.truesize));
    mem_charge(packet.truesize);
  }
  kept.splice(queue);
  queue = kept;
}

/// Of those behind it, what it covers. One that sticks out stays whole: its beginning is cut when it is taken.
void TcpSocket::drop_covered_by(const Packet& packet, PacketQueue& behind) {
  while (!behind.is_empty() && after(packet.end_seq(), behind.front()->seq)) {
    const SackBlock both{behind.front()->seq, behind.front()->end_seq()};
    if (before(packet.end_seq(), both.end)) return extend_duplicate({both.start, packet.end_seq()});
    extend_duplicate(both);
    env_.counters().add(Counter::kOfoMerge);
    free_received(behind.pop());
  }
}

/// The gap before it was filled. Linux: tcp_ofo_queue()
void TcpSocket::take_from_out_of_order() {
  PacketQueue& queue = rare_->out_of_order;
  std::uint32_t duplicate_end = rcv_.rcv_nxt;
  while (!queue.is_empty() && !after(queue.front()->seq, rcv_.rcv_nxt)) {
    Packet& packet = queue.pop();
    if (before(packet.seq, duplicate_end)) {
      const std::uint32_t end = duplicate_end;
      if (before(packet.end_seq(), duplicate_end)) duplicate_end = packet.end_seq();
      extend_duplicate({packet.seq, end});
    }
    add_rmem(-static_cast<std::int32_t>(packet.truesize));
    mem_uncharge(packet.truesize);
    if (!after(packet.end_seq(), rcv_.rcv_nxt)) {
      consume(packet);
      continue;
    }
    trim_to(packet, rcv_.rcv_nxt);
    const bool has_fin = packet.has(tcp_flag::kFin);
    if (queue_rcv(packet)) consume(packet);
    if (has_fin) return take_fin();
  }
}

/// Linux: tcp_sack_reset() beside skb_rbtree_purge()
void TcpSocket::drop_out_of_order() {
  if (rare_ == nullptr) return;
  while (has_out_of_order()) free_received(rare_->out_of_order.pop());
  rare_->blocks.clear();
}

}  // namespace stackscope
