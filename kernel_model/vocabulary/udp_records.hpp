#pragma once
// Records of UDP. A UDP socket is also told of by the records of all sockets: made, named, told that there is something to
// read, gone.

#include <cstdint>
#include <string_view>

#include "kernel_model/vocabulary/ids.hpp"
#include "sim/record.hpp"

namespace stackscope {

/// After its SocketCreated: it speaks UDP, and its state is never another than CLOSE.
struct UdpSocketCreated {
  static constexpr std::string_view kName = "udp:created";
  static constexpr std::string_view kSentence = "A socket that has just come to be is one of UDP.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  void describe(auto&& field) const { field("socket", socket); }
};

struct UdpQueued {
  static constexpr std::string_view kName = "udp:queued";
  static constexpr std::string_view kSentence = "A datagram joined a socket's receive queue.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  PacketId packet;
  std::uint32_t length,
      rmem_alloc;  // bytes of the datagram; of kernel memory that the socket's queue holds now
  void describe(auto&& field) const {
    field("socket", socket), field("packet", packet), field("length", length);
    field("rmem_alloc", rmem_alloc);
  }
};

struct UdpRead {
  static constexpr std::string_view kName = "udp:read";
  static constexpr std::string_view kSentence = "A program read a datagram, or only looked at it.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  PacketId packet;
  std::uint32_t length;
  bool peeked;
  std::uint32_t rmem_alloc;
  void describe(auto&& field) const {
    field("socket", socket), field("packet", packet), field("length", length), field("peeked", peeked);
    field("rmem_alloc", rmem_alloc);
  }
};

struct UdpFailQueueRcvSkb {
  static constexpr std::string_view kName = "udp:udp_fail_queue_rcv_skb";
  static constexpr std::string_view kSentence =
      "A datagram found its socket's receive buffer full, and is dropped.";
  static constexpr Layer kLayer = Layer::kKernel;
  SocketId socket;
  PacketId packet;
  std::uint32_t truesize, rmem_alloc, rcvbuf;
  void describe(auto&& field) const {
    field("socket", socket), field("packet", packet), field("truesize", truesize);
    field("rmem_alloc", rmem_alloc), field("rcvbuf", rcvbuf);
  }
};

}  // namespace stackscope
