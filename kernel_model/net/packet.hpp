#pragma once
// A TCP segment, UDP datagram or ICMP message with its IP header, on its way: what Linux keeps in an sk_buff.
//
// Payload is a reference into a stream (see stream.hpp), never bytes. Packets are pooled: whoever drops or
// consumes one gives it back.

#include <array>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "kernel_model/net/sequence.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"
#include "kernel_model/vocabulary/net_records.hpp"
#include "sim/time.hpp"

namespace stackscope {

class StreamStore;

/// ECN's two (RFC 3168 6.1).
namespace tcp_flag {
inline constexpr std::uint8_t kEce = 64, kCwr = 128;
}

/// What follows the IP header.
enum class Protocol : std::uint8_t { kTcp, kUdp, kIcmp };

/// What an ICMP message says, and of what packet. Type and code are those of ICMP, or of ICMPv6 where IPv6 carries it.
struct IcmpMessage {
  Protocol about = Protocol::kUdp;
  std::uint8_t type = 0, code = 0;
  std::uint32_t quoted_seq = 0, mtu = 0;  // of a TCP segment; where that was too long
};

/// Bytes that arrived out of order: from the first to the one after the last. RFC 2018 3
struct SackBlock {
  std::uint32_t start = 0, end = 0;
};

struct TcpOptions {
  std::uint16_t mss = 0;          // 0: absent (RFC 9293 3.7.1)
  std::int8_t window_scale = -1;  // −1: absent (RFC 7323 2)
  bool sack_permitted = false;    // RFC 2018 2
  bool has_timestamps = false;    // RFC 7323 3
  std::uint32_t tsval = 0, tsecr = 0;
  std::uint8_t sack_count = 0;
  std::array<SackBlock, 4> sack{};  // the first `sack_count`
};

struct Packet {
  PacketId id;
  std::uint32_t source_address = 0, destination_address = 0;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t urgent = 0;  // urgent pointer, where kUrg is set
  std::uint8_t tos = 0;      // of IP: the traffic class, and ECN's two bits (RFC 3168 5)
  TcpOptions options;
  StreamId stream;
  std::uint64_t stream_offset = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t gso_size = 0;  // bytes a wire segment of a super-packet; 0: one segment (Linux: skb_shinfo)
  std::uint32_t truesize = 0;  // memory charged to a socket's buffer (Linux: skb->truesize)
  bool is_linear =
      false;  // its payload, or its begin, lies in its head, which cannot be given away. Linux: skb_headlen()
  std::uint32_t tail_room = 0;  // bytes that such a head has room for behind it. Linux: skb_tailroom()
  Instant stamp;  // in a send queue: when it was sent; in a socket's backlog: since when it waits
  bool retransmitted = false;  // sent more than once, so that no round trip may be measured by it (Karn)
  bool ends_record = false;    // MSG_EOR: nothing is added to it. Linux: tcp_skb_cb eor
  bool lost = false;           // a retransmission timer fired since it was sent
  DeviceKind arrived_on = DeviceKind::kLoopback;
  Protocol protocol = Protocol::kTcp;
  bool is_to_many = false;  // broadcast or multicast, by its route. Linux: RTCF_BROADCAST, RTCF_MULTICAST
  bool loops = false;  // goes by loopback, whatever its address says: the route was found for another one
  std::uint16_t quoted_source_port = 0, quoted_destination_port = 0;  // ICMP: of what it is about
  IcmpMessage icmp;
  StreamStore* held_in = nullptr;    // where it holds its stream until it is given back; TCP's holds none
  RecordId cause;                    // the record that last moved it
  Packet* next = nullptr;            // in whatever queue holds it
  const Packet* original = nullptr;  // the sender's own, of which this is a copy that shares its memory
  PacketId original_id;

  /// IP's and its protocol's headers with options, and payload; without the 14 bytes of Ethernet.
  std::uint32_t ip_bytes() const;
  /// Length of the protocol's header with its options; of an ICMP message with the headers that it quotes.
  std::uint32_t header_bytes() const;
  /// Whether the sender still holds the memory (until it is acknowledged). Linux: skb_cloned()
  bool is_cloned() const { return original != nullptr && original->id == original_id; }
  /// TCP's business: a segment, or an ICMP message about one. Linux: icmp_socket_deliver()
  bool is_for_tcp() const {
    return protocol == Protocol::kTcp || (protocol == Protocol::kIcmp && icmp.about == Protocol::kTcp);
  }
  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  /// The sequence number after the last that this takes; SYN and FIN take one each.
  std::uint32_t end_seq() const {
    return seq + payload_bytes + (has(tcp_flag::kSyn) ? 1 : 0) + (has(tcp_flag::kFin) ? 1 : 0);
  }
  /// Some of it lies in [first, end), or it is empty and stands at one of these. Linux: tcp_in_window()
  bool is_in_window(std::uint32_t first, std::uint32_t end) const {
    if (seq == first) return true;
    if (after(end_seq(), first) && before(seq, end)) return true;
    return seq == end && seq == end_seq();
  }
  /// How many segments it is on a wire.
  std::uint32_t segments() const { return gso_size == 0 ? 1 : (payload_bytes + gso_size - 1) / gso_size; }
};

/// First in, first out, intrusive.
class PacketQueue {
 public:
  bool is_empty() const { return head_ == nullptr; }
  Packet* front() const { return head_; }
  Packet* back() const { return tail_; }
  void push(Packet& packet);
  Packet& pop();
  /// Takes out what stands behind `packet`. REQUIRES: something does.
  Packet& take_after(Packet& packet);
  /// `packet` comes to stand behind `before`, which is in the queue.
  void put_after(Packet& before, Packet& packet);
  /// Appends all of `other`, which is empty afterwards.
  void splice(PacketQueue& other);

 private:
  Packet* head_ = nullptr;
  Packet* tail_ = nullptr;
};

/// A queue that has a limit, and so knows how many it holds. Linux: struct sk_buff_head, qlen
class CountedPacketQueue : private PacketQueue {
 public:
  using PacketQueue::back, PacketQueue::front, PacketQueue::is_empty;

  std::uint32_t size() const { return size_; }
  void push(Packet& packet) { PacketQueue::push(packet), ++size_; }
  Packet& pop() { return --size_, PacketQueue::pop(); }
  void splice(CountedPacketQueue& other) {
    PacketQueue::splice(other);
    size_ += std::exchange(other.size_, 0);
  }

 private:
  std::uint32_t size_ = 0;
};

/// One a simulation; hands out identities, too.
class PacketPool {
 public:
  Packet& take();
  void give_back(Packet& packet);
  std::uint32_t in_flight() const { return taken_; }

 private:
  std::deque<Packet> all_;
  std::vector<Packet*> free_;
  Ordinals<PacketId> ids_;
  std::uint32_t taken_ = 0;
};

}  // namespace stackscope
