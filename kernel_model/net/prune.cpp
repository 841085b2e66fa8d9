// No room for a segment: the buffer grows, what is queued is packed tighter, and at last what came out of order is given up.
//
// Linux: net/ipv4/tcp_input.c tcp_try_rmem_schedule(), tcp_can_ingest(), tcp_prune_queue(), tcp_clamp_window(),
//        tcp_collapse(), tcp_collapse_ofo_queue(), tcp_prune_ofo_queue()

#include <algorithm>
#include <vector>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kPacked = kPageSize - kSharedInfo;  // SKB_MAX_ORDER(0, 0): payload of one page

}  // namespace

bool TcpSocket::can_ingest(const Packet& packet) const {
  return rcv_.rmem_alloc + static_cast<std::int64_t>(packet.payload_bytes) <= rcv_.rcvbuf;
}

bool TcpSocket::try_rmem_schedule(const Packet& packet) {
  if (can_ingest(packet)) return true;
  if (rcv_.rmem_alloc == 0) return false;
  env_.counters().add(Counter::kPruneCalled);
  clamp_window();
  if (can_ingest(packet)) return true;
  collapse_out_of_order();
  collapse(rcv_.receive_queue, rcv_.copied_seq, rcv_.rcv_nxt);
  if (can_ingest(packet)) return true;
  prune_out_of_order(packet);
  if (can_ingest(packet)) return true;
  env_.counters().add(Counter::kRcvPruned);
  rcv_.pred_flags = false;
  return false;
}

void TcpSocket::clamp_window() {
  set_ack_mode(0, ack_.pingpong, ack_.ato);
  const std::int32_t most = env_.sysctls().tcp_rmem[2];
  if (!rcvbuf_locked_ && rcv_.rcvbuf < most) set_buffers(std::min(rcv_.rmem_alloc, most), snd_.sndbuf);
  if (rcv_.rmem_alloc > rcv_.rcvbuf) rcv_.rcv_ssthresh = std::min(rcv_.window_clamp, 2 * rcv_.advmss);
}

void TcpSocket::drop_collapsed(PacketQueue& queue) {
  env_.counters().add(Counter::kRcvCollapsed);
  free_received(queue.pop());
}

/// Packets of a run without gaps, `start` to `end`, become pages of payload, from the first that wastes memory or repeats what
/// is there. A FIN stays in the packet that brought it.
void TcpSocket::collapse(PacketQueue& queue, std::uint32_t start, std::uint32_t end) {
  PacketQueue kept;
  while (Packet* p = queue.front()) {
    if (!before(start, p->end_seq())) {
      drop_collapsed(queue);
      continue;
    }
    const bool is_bloated = win_from_space(p->truesize) > p->payload_bytes || before(p->seq, start);
    const bool overlaps = p->next != nullptr && p->end_seq() != p->next->seq;
    if ((!p->has(tcp_flag::kFin) && is_bloated) || overlaps) break;
    start = p->end_seq();
    kept.push(queue.pop());
  }
  while (!queue.is_empty() && !queue.front()->has(tcp_flag::kFin) && before(start, end)) {
    kept.push(pack(queue, start, end));
    start = kept.back()->end_seq();
  }
  kept.splice(queue);
  queue = kept;
}

/// One page, filled from the front of the queue.
Packet& TcpSocket::pack(PacketQueue& queue, std::uint32_t start, std::uint32_t end) {
  std::uint32_t room = std::min(kPacked, end - start);
  Packet& page = env_.packets().take();
  const PacketId id = page.id;
  page = *queue.front();
  page.id = id, page.next = nullptr, page.original = nullptr;
  page.stream_offset += start - page.seq;
  page.seq = start, page.payload_bytes = 0, page.gso_size = 0;
  page.truesize = truesize_of_head(room);
  page.is_linear = true;
  page.tail_room = room_of_head(room) - room;
  mem_charge(page.truesize);
  add_rmem(static_cast<std::int32_t>(page.truesize));
  while (room > 0 && !queue.is_empty() && !queue.front()->has(tcp_flag::kFin)) {
    const std::uint32_t taken = std::min(room, queue.front()->end_seq() - start);
    page.payload_bytes += taken, start += taken, room -= taken;
    while (!queue.is_empty() && !before(start, queue.front()->end_seq())) drop_collapsed(queue);
  }
  page.tail_room += room;
  return page;
}

/// Run by run. Single packets and small ones are left alone: packing them costs more than it gains.
void TcpSocket::collapse_out_of_order() {
  if (!has_out_of_order()) return;
  PacketQueue done, &queue = rare_->out_of_order;
  std::int64_t tiny = 0;
  while (!queue.is_empty()) {
    const std::uint32_t first_size = queue.front()->truesize;
    std::uint32_t start = queue.front()->seq, end = queue.front()->end_seq(), size = 0;
    PacketQueue run;
    while (!queue.is_empty() && !after(queue.front()->seq, end)) {
      if (after(queue.front()->end_seq(), end)) end = queue.front()->end_seq();
      size += queue.front()->truesize;
      run.push(queue.pop());
    }
    if (size != first_size || end - start >= kPacked) {
      collapse(run, start, end);
    } else {
      tiny += size;
    }
    done.splice(run);
    if (tiny > rcv_.rcvbuf >> 3) break;
  }
  done.splice(queue);
  queue = done;
}

/// The last first, an eighth of the buffer at a time. The peer has been told that these have come and must learn that they must
/// come again (RFC 2018 8). What would itself be the last is worth no sacrifice.
void TcpSocket::prune_out_of_order(const Packet& packet) {
  if (!has_out_of_order()) return;
  std::vector<Packet*> all;
  while (has_out_of_order()) all.push_back(&rare_->out_of_order.pop());
  const std::size_t had = all.size();
  std::int64_t goal = rcv_.rcvbuf >> 3;
  while (!all.empty() && !after(packet.seq, all.back()->seq)) {
    goal -= all.back()->truesize;
    free_received(*all.back());
    all.pop_back();
    if (goal > 0 && !all.empty()) continue;
    if (rcv_.rmem_alloc <= rcv_.rcvbuf) break;
    goal = rcv_.rcvbuf >> 3;
  }
  for (Packet* p : all) rare_->out_of_order.push(*p);
  if (all.size() == had) return;
  env_.counters().add(Counter::kOfoPruned);
  rare_->blocks.clear();
}

}  // namespace stackscope
