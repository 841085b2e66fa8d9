// accept(), receive(), poll.
//
// Linux: net/ipv4/tcp.c tcp_recvmsg_locked(), tcp_poll(); net/ipv4/inet_connection_sock.c inet_csk_accept()

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <sys/epoll.h>
#include <utility>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/net/sequence.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"
#include "sim/trace.hpp"

namespace stackscope {

TcpSocket* TcpSocket::accept() {
  assert(is_listening());
  ListenState& state = *listen_;
  if (state.accept_queue.empty()) return nullptr;
  TcpSocket* child = state.accept_queue.begin()->second;
  state.accept_queue.erase(state.accept_queue.begin());
  --state.accept_queue_length;
  env_.trace().emit(Accepted{id_, child->id_});
  Listener(*this).queues_changed();
  return child;
}

void TcpSocket::finish_accept() { env_.charge(env_.tcp_costs().accept); }

/// What is there, up to the urgent byte. Linux: tcp_recvmsg_locked(), without its waiting
ReadResult TcpSocket::read(std::size_t length, std::byte* to, ReadHow how) {
  env_.charge(env_.tcp_costs().recvmsg);
  if (is_listening()) return {-ENOTCONN, true};
  const ReadResult copied = how.peeks ? peek(length, to, how.peeked) : take(length, to);
  std::int64_t result = copied.count;
  bool is_complete = copied.is_complete;
  if (result == 0 && !is_complete && !is_done_) {
    if (error_ != 0) {
      result = -take_error();
    } else if (!shutdown_.receive) {
      result = is_over(state_) ? -ENOTCONN : -EAGAIN;
    }
  }
  is_complete = is_complete || is_done_ || shutdown_.receive || error_ != 0 || is_over(state_);
  if (!is_over(state_)) cleanup_rbuf(copied.count);
  return {result, is_complete};
}

/// Asking for nothing is answered where something is there.
ReadResult TcpSocket::take(std::size_t length, std::byte* to) {
  std::int64_t copied = 0;
  while (!rcv_.receive_queue.is_empty()) {
    if (has_urgent() && rare_->urgent.urg_seq == rcv_.copied_seq && copied > 0) return {copied, true};
    Packet& first = *rcv_.receive_queue.front();
    const std::uint32_t skip = rcv_.copied_seq - first.seq;
    auto used = static_cast<std::uint32_t>(
        std::min<std::size_t>(first.payload_bytes - std::min(skip, first.payload_bytes),
                              length - static_cast<std::size_t>(copied)));
    const std::uint32_t hole = skip_urgent(rcv_.copied_seq, used);
    if (used > 0) {
      env_.charge(env_.tcp_costs().copy.of(used));
      const std::uint64_t offset = first.stream_offset + skip + hole;
      if (to != nullptr) env_.streams().content(first.stream, offset, {to + copied, used});
      env_.streams().trim(first.stream, offset + used);
      copied += used;
    }
    const bool is_read = skip + hole + used >= first.payload_bytes;
    if (hole + used == 0 && !is_read) return {copied, true};
    move_receive(rcv_.rcv_nxt, rcv_.copied_seq + hole + used, rcv_.rcv_wup, rcv_.rcv_wnd,
                 rcv_.rmem_alloc - static_cast<std::int32_t>(is_read ? first.truesize : 0));
    if (used > 0) rcv_space_adjust();
    urgent_was_passed();
    if (is_read) {
      const bool has_fin = first.has(tcp_flag::kFin);
      forget_received(rcv_.receive_queue.pop());
      if (has_fin) {
        move_receive(rcv_.rcv_nxt, rcv_.copied_seq + 1, rcv_.rcv_wup, rcv_.rcv_wnd);
        return {copied, true};
      }
    }
    if (static_cast<std::size_t>(copied) == length) break;
  }
  return {copied, false};
}

/// MSG_PEEK: the same bytes, which stay. The first `peeked` of them this call has seen already.
ReadResult TcpSocket::peek(std::size_t length, std::byte* to, std::uint32_t peeked) {
  std::uint32_t seq = rcv_.copied_seq + peeked;
  std::int64_t copied = 0;
  for (const Packet* packet = rcv_.receive_queue.front(); packet != nullptr; packet = packet->next) {
    while (before(seq, packet->seq + packet->payload_bytes)) {
      if (has_urgent() && rare_->urgent.urg_seq == seq && copied + peeked > 0) return {copied, true};
      if (static_cast<std::size_t>(copied) == length) return {copied, true};
      const std::uint32_t skip = seq - packet->seq;
      auto used = static_cast<std::uint32_t>(
          std::min<std::size_t>(packet->payload_bytes - skip, length - static_cast<std::size_t>(copied)));
      const std::uint32_t hole = skip_urgent(seq, used);
      env_.charge(env_.tcp_costs().copy.of(used));
      if (to != nullptr && used > 0) {
        env_.streams().content(packet->stream, packet->stream_offset + skip + hole, {to + copied, used});
      }
      seq += hole + used, copied += used;
    }
    if (packet->has(tcp_flag::kFin)) return {copied, true};
  }
  return {copied, false};
}

std::uint32_t TcpSocket::poll_events() {
  if (is_listening()) return listen_->accept_queue.empty() ? 0 : EPOLLIN | EPOLLRDNORM;
  std::uint32_t mask = 0;
  if (shutdown_.both() || is_over(state_)) mask |= EPOLLHUP;
  if (shutdown_.receive) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
  if (!is_connecting(state_)) {
    if (is_readable_enough()) mask |= EPOLLIN | EPOLLRDNORM;
    if (has_urgent() && rare_->urgent.byte == UrgentState::Byte::kValid) mask |= EPOLLPRI;
    if (shutdown_.send || is_writable(true)) {
      mask |= EPOLLOUT | EPOLLWRNORM;
    } else {
      snd_.no_space = true;
    }
  }
  if (error_ != 0) mask |= EPOLLERR;
  return mask;
}

int TcpSocket::take_soft_error() { return rare_ != nullptr ? std::exchange(rare_->soft_error, 0) : 0; }

int TcpSocket::take_error() {
  return MUTANT("errors are told again and again") ? error_ : std::exchange(error_, 0);
}

}  // namespace stackscope
