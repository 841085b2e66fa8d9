// What may be sent now, and in how large pieces: Nagle, the two windows, super-packets.
//
// Linux: net/ipv4/tcp_output.c tcp_write_xmit(), tcp_nagle_test(), tcp_tso_should_defer(),
// tcp_tso_autosize(),
//        tcp_current_mss(), __tcp_transmit_skb() (PSH); net/ipv4/tcp.c tcp_xmit_size_goal(), tcp_push()
// Differs: no TCP small queues, no pacing: a segment that may be sent is sent.

#include <algorithm>
#include <cassert>
#include <utility>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

constexpr std::uint32_t kTimestampBytes = 12;

// No segment larger than half of the largest window ever seen, or a small window would stand still.
std::uint32_t bound_to_half_window(std::uint32_t max_window, std::uint32_t size) {
  const std::uint32_t cutoff = max_window > kTcpMssDefault ? max_window / 2 : max_window;
  return cutoff != 0 && size > cutoff ? std::max(cutoff, 68u - 20u) : size;
}

}  // namespace

std::uint32_t TcpSocket::within_maxseg(std::uint32_t mss) const {
  return options().maxseg != 0 ? std::min(mss, static_cast<std::uint32_t>(options().maxseg)) : mss;
}

/// Linux: tcp_sync_mss(), tcp_mtu_to_mss()
void TcpSocket::sync_mss(const Route& route) {
  snd_.pmtu = route.mtu;
  std::uint32_t mss = std::min(route.mtu - route.headers, snd_.mss_clamp);
  mss = std::max(mss, std::uint32_t{env_.sysctls().tcp_min_snd_mss});
  if (rcv_.has_timestamps) mss -= kTimestampBytes;
  snd_.mss_cache = bound_to_half_window(snd_.max_window, mss);
}

/// Payload of a full segment, with the options that it will carry. Linux: tcp_current_mss()
std::uint32_t TcpSocket::current_mss() {
  sync_mss(stack_.route(tuple.remote_address));
  return snd_.mss_cache - (rare_ == nullptr ? 0 : rare_->blocks.option_bytes(rcv_.has_timestamps));
}

/// How long a segment in the send queue may become: as many full segments as one super-packet takes.
/// Linux: tcp_xmit_size_goal()
std::uint32_t TcpSocket::size_goal(std::uint32_t mss) const {
  const std::uint32_t most = bound_to_half_window(snd_.max_window, kGsoMaxSize - 1 - kMaxTcpHeader);
  return std::max(most / mss * mss, mss);
}

/// How many segments a super-packet may hold: about a millisecond's worth, more on short paths.
/// Linux: tcp_tso_segs(), tcp_tso_autosize()
std::uint32_t TcpSocket::tso_segs(std::uint32_t mss) const {
  std::uint64_t bytes = cong_.pacing_rate >> 10;
  const std::uint32_t shorter = rtt_.min_rtt_us >> env_.sysctls().tcp_tso_rtt_log;
  if (shorter < 32) bytes += kGsoMaxSize >> shorter;
  bytes = std::min<std::uint64_t>(bytes, kGsoMaxSize - 1 - kMaxTcpHeader);
  return std::max(static_cast<std::uint32_t>(bytes / mss), std::uint32_t{env_.sysctls().tcp_min_tso_segs});
}

/// RFC 9293 3.7.4 with Minshall's change: a small segment waits only while an earlier small one is
/// unacknowledged. Linux: tcp_nagle_test(), tcp_nagle_check(), tcp_minshall_check()
bool TcpSocket::nagle_allows(const Packet& head, std::uint32_t mss, bool push_all) const {
  if (push_all || snd_.nagle_push || sends_urgent() || head.has(tcp_flag::kFin) || head.payload_bytes >= mss)
    return true;
  if (snd_.cork) return false;
  if (snd_.nodelay || snd_.packets_out == 0) return true;
  const bool small_one_under_way = after(snd_.snd_sml, snd_.snd_una) && !after(snd_.snd_sml, snd_.snd_nxt);
  return !small_one_under_way;
}

/// Whether to wait until a fuller super-packet can go. Linux: tcp_tso_should_defer()
bool TcpSocket::tso_should_defer(const Packet& head, std::uint32_t max_segs) {
  const Instant now = env_.engine().now();
  if (now - cong_.last_write > Duration::ms(1) || head.has(tcp_flag::kFin)) return false;
  const std::uint32_t send_window = snd_.snd_una + snd_.snd_wnd - head.seq;
  const std::uint32_t cong_window = (cong_.snd_cwnd - packets_in_flight()) * snd_.mss_cache;
  const std::uint32_t limit = std::min(send_window, cong_window);
  if (limit >= max_segs * snd_.mss_cache) return false;
  if (&head != snd_.write_queue.back() && limit >= head.payload_bytes) return false;
  const std::uint32_t window = std::min(snd_.snd_wnd, cong_.snd_cwnd * snd_.mss_cache);
  if (limit >= window / env_.sysctls().tcp_tso_win_divisor) return false;
  const Packet* oldest = snd_.rtx_queue.front();
  if (oldest == nullptr || now - oldest->stamp < Duration::us(rtt_.srtt_us >> 4)) return false;
  if (cong_window < send_window && cong_window <= head.payload_bytes)
    hold_back(WaitReason::kCongestionWindow);
  if (cong_window >= send_window && send_window <= head.payload_bytes) hold_back(WaitReason::kClosedWindow);
  return true;
}

/// How many segments may go at once: never more than half of the congestion window, or one super-packet would be a burst of
/// it all; 0 where it is full. Linux: tcp_cwnd_test()
std::uint32_t TcpSocket::cwnd_quota() const {
  const std::uint32_t in_flight = packets_in_flight();
  if (in_flight >= cong_.snd_cwnd) return 0;
  return std::min(std::max(cong_.snd_cwnd / 2, 1u), cong_.snd_cwnd - in_flight);
}

/// How much of the head of the queue may go now; 0: nothing, and hold_back() was told why.
std::uint32_t TcpSocket::may_send_bytes(const Packet& head, std::uint32_t mss, bool push_all, bool push_one) {
  const std::uint32_t cwnd = cwnd_quota(), max_segs = tso_segs(mss);
  if (cwnd == 0) return hold_back(WaitReason::kCongestionWindow), 0;
  const std::uint32_t window_end = snd_.snd_una + snd_.snd_wnd;
  const std::uint32_t first_end = head.payload_bytes > mss ? head.seq + mss : head.end_seq();
  if (after(first_end, window_end)) return hold_back(WaitReason::kClosedWindow), 0;

  const bool is_last = &head == snd_.write_queue.back();
  const bool many = head.payload_bytes > mss;
  if (!many && !nagle_allows(head, mss, push_all || !is_last)) return hold_back(WaitReason::kNagle), 0;
  if (many && !push_one && tso_should_defer(head, max_segs)) return 0;
  if (!many) return std::max(head.payload_bytes, 1u);
  if (sends_urgent()) return mss;  // one by one, as each has an urgent pointer of its own

  // tcp_mss_split_point(): whole segments, and the rest with them where Nagle lets it go
  const std::uint32_t window = window_end - head.seq;
  const std::uint32_t quota = std::min(cwnd, max_segs);
  const std::uint32_t most = quota * mss;
  if (most <= window && &head != snd_.write_queue.back()) return most;
  const std::uint32_t needed = std::min(head.payload_bytes, window);
  if (most <= needed) return most;
  const std::uint32_t rest = needed % mss;
  const bool rest_may_go = push_all || snd_.nagle_push || snd_.nodelay || snd_.packets_out == 0 ||
                           head.has(tcp_flag::kFin) ||
                           !(after(snd_.snd_sml, snd_.snd_una) && !after(snd_.snd_sml, snd_.snd_nxt));
  return rest != 0 && (!rest_may_go || (snd_.cork && !snd_.nagle_push)) ? needed - rest : needed;
}

/// What the head of the write queue has room for comes over from the segment behind it. Linux: tcp_grow_skb()
void TcpSocket::grow_head(std::uint32_t bytes) {
  Packet& head = *snd_.write_queue.front();
  Packet* const next = head.next;
  if (next == nullptr || head.ends_record) return;
  const std::uint32_t moved = std::min(bytes, next->payload_bytes);
  if (moved == 0) return;
  head.payload_bytes += moved, head.truesize += moved;
  next->seq += moved, next->stream_offset += moved;
  next->payload_bytes -= moved, next->truesize -= moved;
  if (next->payload_bytes > 0) return;
  head.flags |= next->flags;
  head.ends_record = next->ends_record;
  free_sent(snd_.write_queue.take_after(head));
}

/// Cuts a segment of the queue in two; returns the rest, which stands behind it. Linux: tcp_fragment(), tso_fragment()
Packet& TcpSocket::split(PacketQueue& queue, Packet& packet, std::uint32_t bytes) {
  assert(bytes > 0 && bytes < packet.payload_bytes);
  Packet& rest = new_segment(packet.flags, packet.seq + bytes);
  rest.payload_bytes = packet.payload_bytes - bytes;
  rest.truesize = kSkbOverhead + rest.payload_bytes;
  rest.stamp = packet.stamp;
  rest.retransmitted = packet.retransmitted, rest.lost = packet.lost;
  packet.flags &= static_cast<std::uint8_t>(~(tcp_flag::kFin | tcp_flag::kPsh));
  rest.ends_record = std::exchange(packet.ends_record, false);
  packet.payload_bytes = bytes;
  packet.truesize -= rest.payload_bytes;
  mem_uncharge(rest.payload_bytes);
  mem_charge(rest.truesize);
  add_wmem(static_cast<std::int32_t>(kSkbOverhead));
  queue.put_after(packet, rest);
  return rest;
}

/// Linux: tcp_event_new_data_sent(), tcp_minshall_update()
void TcpSocket::sent_new_data(Packet& packet, std::uint32_t mss) {
  const std::uint32_t prior = snd_.packets_out;
  [[maybe_unused]] const Packet& popped = snd_.write_queue.pop();
  assert(&popped == &packet);
  snd_.rtx_queue.push(packet);
  snd_.packets_out += packet.segments();
  move_send(snd_.snd_una, packet.end_seq(), snd_.write_seq, snd_.snd_wnd);
  if (prior == 0) rearm_rto();
  if (packet.payload_bytes < packet.segments() * mss) snd_.snd_sml = packet.end_seq();
}

/// Sends what may be sent. Returns whether data wait although nothing is under way that could bring an ACK.
/// `push_all`: TCP_NAGLE_PUSH; `push_one`: the head of the queue only.
bool TcpSocket::write_xmit(std::uint32_t mss, bool push_all, bool push_one) {
  bool sent = false;
  while (Packet* head = snd_.write_queue.front()) {
    const std::uint32_t room = std::min(cwnd_quota(), tso_segs(mss)) * mss;
    if (room > head->payload_bytes) grow_head(room - head->payload_bytes);
    const std::uint32_t limit = may_send_bytes(*head, mss, push_all, push_one);
    if (limit == 0) break;
    if (limit < head->payload_bytes) split(snd_.write_queue, *head, limit);
    no_longer_held();
    head->gso_size = head->payload_bytes > mss ? mss : 0;
    head->stamp = env_.engine().now();
    transmit(*head);
    sent_new_data(*head, mss);
    sent = true;
    if (push_one) break;
  }
  if (sent || snd_.held_by == WaitReason::kCongestionWindow) cwnd_validate();
  return !sent && snd_.packets_out == 0 && !snd_.write_queue.is_empty();
}

/// Linux: __tcp_push_pending_frames()
void TcpSocket::push_pending_frames(std::uint32_t mss, bool push_all) {
  if (is_over(state_) || snd_.write_queue.is_empty()) return;
  if (write_xmit(mss, push_all, false)) check_probe_timer();
}

/// The head of the queue waits, from now on if it did not already.
void TcpSocket::hold_back(WaitReason reason) {
  if (snd_.held_since != Instant::never() && snd_.held_by == reason) return;
  no_longer_held();
  snd_.held_by = reason;
  snd_.held_since = env_.engine().now();
}

void TcpSocket::no_longer_held() {
  if (snd_.held_since == Instant::never()) return;
  const Instant since = snd_.held_since;
  snd_.held_since = Instant::never();
  if (env_.engine().now() > since) env_.trace().emit(Waited{snd_.held_by, since, TaskId{}, RecordId{}});
}

}  // namespace stackscope
