#pragma once
// Packets as frames on a wire: lengths, and what a capture needs to know.

#include <algorithm>

#include "kernel_model/net/packet.hpp"

namespace stackscope {

/// Units: bytes. IEEE 802.3 3.1.1, 4.4.2
namespace ethernet {
inline constexpr std::uint32_t kHeader = 14, kFrameCheck = 4, kPreamble = 8, kInterPacketGap = 12,
                               kLeast = 64;
}

/// What the kernel counts: with the Ethernet header, without what the hardware adds.
inline std::uint32_t frame_bytes(const Packet& packet) { return packet.ip_bytes() + ethernet::kHeader; }

/// The time of so many bytes is what one frame takes of a link, until the next may follow.
constexpr std::uint32_t wire_bytes_of(std::uint32_t ip_bytes) {
  using namespace ethernet;
  return std::max(kHeader + ip_bytes + kFrameCheck, kLeast) + kPreamble + kInterPacketGap;
}

/// All frames of a packet. Linux: a super-packet is cut by the NIC (TSO), each frame with headers of its own.
inline std::uint64_t wire_bytes(const Packet& packet) {
  const std::uint32_t segments = packet.segments();
  if (segments <= 1) return wire_bytes_of(packet.ip_bytes());
  const std::uint32_t headers = packet.ip_bytes() - packet.payload_bytes;
  const std::uint32_t last = packet.payload_bytes - (segments - 1) * packet.gso_size;
  return std::uint64_t{segments - 1} * wire_bytes_of(headers + packet.gso_size) +
         wire_bytes_of(headers + last);
}

inline WireSegment wire_segment(const Packet& packet) {
  return WireSegment{packet.id,
                     packet.source_address,
                     packet.destination_address,
                     packet.source_port,
                     packet.destination_port,
                     packet.seq,
                     packet.ack,
                     packet.flags,
                     packet.window,
                     packet.stream,
                     packet.stream_offset,
                     packet.payload_bytes};
}

}  // namespace stackscope
