#include "kernel_model/net/packet.hpp"

#include <cassert>

#include "kernel_model/net/stream.hpp"

namespace stackscope {

namespace {

// Options as Linux lays them out, each padded to whole words (net/ipv4/tcp_output.c tcp_options_write()).
constexpr std::uint32_t kIpv4Header = 20, kIpv6Header = 40, kTcpHeader = 20, kUdpHeader = 8, kIcmpHeader = 8;
constexpr std::uint32_t kMssOption = 4, kTimestampsAligned = 12, kWindowScaleAligned = 4, kSackPermitted = 4;
constexpr std::uint32_t kSackAligned = 4, kSackBlock = 8;

}  // namespace

std::uint32_t Packet::header_bytes() const {
  if (protocol == Protocol::kUdp) return kUdpHeader;
  if (protocol == Protocol::kIcmp)  // it quotes the headers of a datagram
    return kIcmpHeader + (is_ipv6(destination_address) ? kIpv6Header : kIpv4Header) + kUdpHeader;
  std::uint32_t bytes = kTcpHeader;
  if (options.mss != 0) bytes += kMssOption;
  if (options.has_timestamps) bytes += kTimestampsAligned;
  if (options.window_scale >= 0) bytes += kWindowScaleAligned;
  // beside timestamps, the two bytes of SACK-permitted take the place of padding
  if (options.sack_permitted && !options.has_timestamps) bytes += kSackPermitted;
  if (options.sack_count > 0) bytes += kSackAligned + kSackBlock * options.sack_count;
  return bytes;
}

std::uint32_t Packet::ip_bytes() const {
  return (is_ipv6(destination_address) ? kIpv6Header : kIpv4Header) + header_bytes() + payload_bytes;
}

void PacketQueue::push(Packet& packet) {
  assert(packet.next == nullptr && &packet != tail_);
  (tail_ == nullptr ? head_ : tail_->next) = &packet;
  tail_ = &packet;
}

Packet& PacketQueue::pop() {
  assert(head_ != nullptr);
  Packet& first = *head_;
  head_ = first.next;
  if (head_ == nullptr) tail_ = nullptr;
  first.next = nullptr;
  return first;
}

Packet& PacketQueue::take_after(Packet& packet) {
  Packet& taken = *packet.next;
  packet.next = taken.next;
  if (tail_ == &taken) tail_ = &packet;
  taken.next = nullptr;
  return taken;
}

void PacketQueue::put_after(Packet& before, Packet& packet) {
  assert(packet.next == nullptr);
  packet.next = before.next;
  before.next = &packet;
  if (tail_ == &before) tail_ = &packet;
}

void PacketQueue::splice(PacketQueue& other) {
  if (other.is_empty()) return;
  (tail_ == nullptr ? head_ : tail_->next) = other.head_;
  tail_ = other.tail_;
  other = PacketQueue{};
}

Packet& PacketPool::take() {
  if (free_.empty()) free_.push_back(&all_.emplace_back());
  Packet& packet = *free_.back();
  free_.pop_back();
  packet = Packet{};
  packet.id = ids_.next();
  ++taken_;
  return packet;
}

void PacketPool::give_back(Packet& packet) {
  assert(taken_ > 0 && packet.next == nullptr);
  --taken_;
  if (packet.held_in != nullptr) packet.held_in->let_go(packet.stream);
  packet.id = PacketId{};  // copies of it see that it is gone
  free_.push_back(&packet);
}

}  // namespace stackscope
