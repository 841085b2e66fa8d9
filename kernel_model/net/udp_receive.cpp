// Receiving datagrams, and errors about sent ones.
//
// Linux: net/ipv4/udp.c __udp_enqueue_schedule_skb(), udp_rmem_release(), __skb_recv_udp(), udp_recvmsg(),
//        first_packet_length(), __udp4_lib_err(); net/ipv4/ip_sockglue.c ip_icmp_error(), ip_recv_error()

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/skb_size.hpp"
#include "kernel_model/net/stream.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

void UdpSocket::deliver(Packet& packet) {
  hold();
  env().charge(stack_.costs().queue);
  env().lock(lock_);
  if (user_ == nullptr) {  // closed meanwhile
    env().packets().give_back(packet);
  } else if (enqueue(packet)) {
    env().trace().emit(SkDataReady{id_});
    user_->on_data_ready();
  }
  env().unlock(lock_);
  put();
}

/// A queue that is full takes nothing; an empty one takes one datagram of any size.
bool UdpSocket::enqueue(Packet& packet) {
  const auto held = static_cast<std::uint32_t>(rmem_);
  if (held > 0 && held + packet.truesize > static_cast<std::uint32_t>(rcvbuf_)) {
    const bool by_ipv6 = stackscope::is_ipv6(packet.destination_address);
    env().counters().add(by_ipv6 ? Counter::kUdp6RcvbufErrors : Counter::kUdpRcvbufErrors);
    env().counters().add(by_ipv6 ? Counter::kUdp6InErrors : Counter::kUdpInErrors);
    env().trace().emit(
        UdpFailQueueRcvSkb{id_, packet.id, packet.truesize, held, static_cast<std::uint32_t>(rcvbuf_)});
    env().trace().emit(KfreeSkb{packet.id, DropReason::kReceiveBuffer});
    env().packets().give_back(packet);
    return false;
  }
  rmem_ += static_cast<std::int32_t>(packet.truesize);
  packet.stamp = env().engine().now();
  packet.cause =
      env().trace().emit(UdpQueued{id_, packet.id, packet.payload_bytes, static_cast<std::uint32_t>(rmem_)});
  receive_queue_.push(packet);
  return true;
}

/// Freed memory is given back in pieces of a quarter of the buffer, or when readers have read all that they took over.
void UdpSocket::release_rmem(std::uint32_t truesize) {
  forward_deficit_ += truesize;
  if (forward_deficit_ < forward_threshold_ && !reader_queue_.is_empty()) return;
  rmem_ -= static_cast<std::int32_t>(forward_deficit_);
  forward_deficit_ = 0;
}

Packet* UdpSocket::first_packet() {
  if (reader_queue_.is_empty()) reader_queue_.splice(receive_queue_);
  return reader_queue_.front();
}

std::uint32_t UdpSocket::first_length() {
  const Packet* const first = first_packet();
  return first != nullptr ? first->payload_bytes : 0;
}

std::int64_t UdpSocket::receive(std::span<const Buffer> parts, int flags, UdpReceived& received) {
  env().charge(stack_.costs().recvmsg);
  if ((flags & MSG_ERRQUEUE) != 0) return receive_error(parts, received);
  if (const int error = take_error()) return -error;
  Packet* const packet = first_packet();
  if (packet == nullptr) return -EAGAIN;
  const std::int64_t copied = copy_out(*packet, parts, flags, received);
  const bool peeks = (flags & MSG_PEEK) != 0;
  if (!peeks) {
    reader_queue_.pop();
    release_rmem(packet->truesize);
    const bool by_ipv6 = stackscope::is_ipv6(packet->destination_address);
    env().counters().add(by_ipv6 ? Counter::kUdp6InDatagrams : Counter::kUdpInDatagrams);
  }
  env().trace().emit(
      UdpRead{id_, packet->id, packet->payload_bytes, peeks, static_cast<std::uint32_t>(rmem_)});
  if (!peeks) env().packets().give_back(*packet);
  env().charge(stack_.costs().consume);
  env().charge(stack_.costs().copy.of(copied));
  return copied;
}

std::int64_t UdpSocket::copy_out(const Packet& packet, std::span<const Buffer> parts, int flags,
                                 UdpReceived& received) {
  const std::size_t length = std::min<std::size_t>(packet.payload_bytes, total_size(parts));
  received.from = {packet.source_address, packet.source_port};
  received.is_cut = length < packet.payload_bytes;
  row_.resize(length);
  if (length > 0) env().streams().content(packet.stream, packet.stream_offset, row_);
  scatter(row_, parts);
  return (flags & MSG_TRUNC) != 0 ? std::int64_t{packet.payload_bytes} : static_cast<std::int64_t>(length);
}

// --- errors ----------------------------------------------------------------------------------------------------------

/// That nobody holds the port is fatal for a connected socket; another one hears of it only where it asked (IP_RECVERR,
/// or IPV6_RECVERR of a datagram by IPv6). Linux: also __udp6_lib_err()
void UdpSocket::deliver_error(Packet& packet) {
  const bool by_ipv6 = stackscope::is_ipv6(packet.destination_address);
  const bool asked = (by_ipv6 ? options().recverr6 : options().recverr) != 0;
  hold();
  env().lock(lock_);
  const bool keeps = asked && queue_error(packet);
  if (user_ != nullptr && (asked || is_connected_)) {
    error_ = ECONNREFUSED;
    user_->on_error_report();
  }
  env().unlock(lock_);
  if (!keeps) env().packets().give_back(packet);
  put();
}

/// Linux: sock_queue_err_skb()
bool UdpSocket::queue_error(Packet& packet) {
  const auto truesize = static_cast<std::int32_t>(packet.truesize);
  if (user_ == nullptr || rmem_ + truesize >= rcvbuf_) return false;
  rmem_ += truesize;
  errors_.push(packet);
  user_->on_error_report();
  return true;
}

/// The datagram that a message quotes, and where it went; of what was too large, only the latter. A message that comes
/// next is the error that waits from then on. Linux: sock_dequeue_err_skb()
std::int64_t UdpSocket::receive_error(std::span<const Buffer> parts, UdpReceived& received) {
  if (errors_.is_empty()) return -EAGAIN;
  Packet& packet = errors_.pop();
  rmem_ -= static_cast<std::int32_t>(packet.truesize);
  const std::int64_t copied = copy_out(packet, parts, 0, received);
  received.from = {packet.source_address, packet.quoted_destination_port};
  received.is_from_errors = true;
  const bool was_message = packet.protocol == Protocol::kIcmp;
  env().packets().give_back(packet);
  const Packet* const next = errors_.front();
  if (next != nullptr && next->protocol == Protocol::kIcmp) {
    error_ = ECONNREFUSED;
  } else if (was_message) {
    error_ = 0;
  }
  if (next != nullptr && user_ != nullptr) user_->on_error_report();
  return copied;
}

/// Linux: skb_errqueue_purge()
void UdpSocket::purge_errors() {
  while (!errors_.is_empty()) {
    Packet& packet = errors_.pop();
    rmem_ -= static_cast<std::int32_t>(packet.truesize);
    env().packets().give_back(packet);
  }
}

}  // namespace stackscope
