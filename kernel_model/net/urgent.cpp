// Urgent data: one byte of the stream that the peer marked, kept beside it.
//
// Linux: net/ipv4/tcp_input.c tcp_check_urg(), tcp_urg(); net/ipv4/tcp.c tcp_mark_urg(), tcp_recv_urg()
// Differs: no SIGURG.

#include <cerrno>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"

namespace stackscope {

/// What was written last is urgent: the pointer stands after it until it is acknowledged. Linux: tcp_mark_urg()
void TcpSocket::mark_urgent() {
  rare().urgent.sends = true;
  rare().urgent.snd_up = snd_.write_seq;
}

/// A segment says that an urgent byte is in it, or will come. Linux: tcp_check_urg()
void TcpSocket::note_urgent(std::uint32_t seq) {
  UrgentState& urgent = rare().urgent;
  if (after(rcv_.copied_seq, seq) || before(seq, rcv_.rcv_nxt)) return;  // it was read, or lies in the queue
  if (has_urgent() && !after(seq, urgent.urg_seq)) return;
  // The byte before was never asked for: it is gone, and the reader stands after it.
  const bool overtakes = has_urgent() && urgent.urg_seq == rcv_.copied_seq && !is_urgent_in_stream() &&
                         rcv_.copied_seq != rcv_.rcv_nxt;
  if (overtakes) {
    move_receive(rcv_.rcv_nxt, rcv_.copied_seq + 1, rcv_.rcv_wup, rcv_.rcv_wnd);
    Packet* const first = rcv_.receive_queue.front();
    if (first != nullptr && !before(rcv_.copied_seq, first->end_seq()))
      free_received(rcv_.receive_queue.pop());
  }
  urgent.byte = UrgentState::Byte::kNotYet;
  urgent.urg_seq = seq;
  rcv_.pred_flags = false;
}

/// Linux: tcp_urg()
void TcpSocket::take_urgent(const Packet& packet) {
  // the pointer stands one after the byte, whatever RFC 1122 4.2.2.4 says. Linux: tcp_stdurg
  if (packet.has(tcp_flag::kUrg)) note_urgent(packet.seq + packet.urgent - (packet.urgent > 0 ? 1 : 0));
  if (!has_urgent() || rare_->urgent.byte != UrgentState::Byte::kNotYet) return;
  UrgentState& urgent = rare_->urgent;
  const std::uint32_t at = urgent.urg_seq - packet.seq;
  if (at >= packet.payload_bytes) return;
  env_.streams().content(packet.stream, packet.stream_offset + at, {&urgent.data, 1});
  urgent.byte = UrgentState::Byte::kValid;
  if (!is_orphan_) data_ready();
}

std::int64_t TcpSocket::receive_urgent(std::byte& to, bool peeks) {
  using Byte = UrgentState::Byte;
  if (is_listening()) return -ENOTCONN;
  if (is_urgent_in_stream() || !has_urgent() || rare_->urgent.byte == Byte::kRead) return -EINVAL;
  if (is_over(state_) && !is_done_) return -ENOTCONN;
  if (rare_->urgent.byte == Byte::kValid) {
    to = rare_->urgent.data;
    if (!peeks) rare_->urgent.byte = Byte::kRead;
    return 1;
  }
  return is_over(state_) || shutdown_.receive ? 0 : -EAGAIN;
}

bool TcpSocket::is_at_mark() const { return has_urgent() && rare_->urgent.urg_seq == rcv_.copied_seq; }

// A FIN that was not read yet counts in the sequence, but is no byte.
std::uint32_t TcpSocket::unread() const {
  if (is_connecting(state_)) return 0;
  const bool counts_all = !has_urgent() || is_urgent_in_stream() ||
                          before(rare_->urgent.urg_seq, rcv_.copied_seq) ||
                          !before(rare_->urgent.urg_seq, rcv_.rcv_nxt);
  if (!counts_all) return rare_->urgent.urg_seq - rcv_.copied_seq;
  const Packet* const last = rcv_.receive_queue.back();
  const bool ends = last != nullptr && last->has(tcp_flag::kFin);
  return rcv_.rcv_nxt - rcv_.copied_seq - (ends ? 1 : 0);
}

/// A read at `seq` would take `used` bytes: fewer, where the urgent one lies among them. Returns how many to leave out
/// before them: the urgent byte itself, 1 or 0. Linux: tcp_recvmsg_locked()
std::uint32_t TcpSocket::skip_urgent(std::uint32_t seq, std::uint32_t& used) {
  if (!has_urgent()) return 0;
  const std::uint32_t ahead = rare_->urgent.urg_seq - seq;
  if (ahead >= used) return 0;
  if (ahead > 0) {
    used = ahead;
    return 0;
  }
  if (is_urgent_in_stream()) return 0;
  --used;
  return 1;
}

/// The reader is beyond it.
void TcpSocket::urgent_was_passed() {
  if (!has_urgent() || !after(rcv_.copied_seq, rare_->urgent.urg_seq)) return;
  rare_->urgent.byte = UrgentState::Byte::kNone;
  rcv_.pred_flags = !has_out_of_order() && rcv_.rcv_wnd > 0 && rcv_.rmem_alloc < rcv_.rcvbuf;
}

}  // namespace stackscope
