#pragma once
// A packet of the model as the bytes of an Ethernet frame that it would be, without the frame check sequence.
//
// Linux:   net/ipv4/tcp_output.c tcp_options_write() (the order of options), __ip_queue_xmit()
// Differs: IP's identification is 0 and its hops 64; a network card's hardware address is 02:00:00:00 and the end of its
//          IP address. Who could notice: a tool that tells packets apart by these.

#include <cstdint>

#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/stream.hpp"
#include "runner/internet_bytes.hpp"

namespace stackscope {

struct CapturedPacket {
  PacketBytes bytes;  // from Ethernet's header on
  std::uint32_t length =
      0;  // of the whole packet: more where payload that everybody has read is known no more
};

/// Checksums are those of a packet that is whole; where its payload is gone, TCP's and UDP's are 0.
/// On loopback the hardware's addresses are zeros, as Linux has it.
CapturedPacket captured(const Packet& packet, const StreamStore& streams, DeviceKind device);

}  // namespace stackscope
