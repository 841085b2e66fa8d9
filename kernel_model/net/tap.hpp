#pragma once
// Who listens to a device: what a packet socket hears, and so tcpdump.
//
// Linux: net/core/dev.c dev_queue_xmit_nit(), __netif_receive_skb_core() (ptype_all); net/packet/af_packet.c
// Differs: listening takes no time, and no program of a host can do it. A packet of loopback is heard once, when it comes in:
//          Linux tells it twice, and libpcap leaves one of them out.

#include <cstdint>

#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/stream.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// Which way a packet went through a device.
enum class Way : std::uint8_t { kIn, kOut };

class PacketTap {
 public:
  struct Where {
    Instant at;
    std::uint8_t host = 0;  // its ordinal
    DeviceKind device = DeviceKind::kLoopback;
    Way way = Way::kIn;
  };

  virtual ~PacketTap() = default;
  /// A packet that leaves is heard when the driver is called with it, behind the queueing discipline and before it is cut into
  /// segments; one that came in before the protocols see it, behind the NIC's ring. It is lent.
  virtual void hear(const Packet& packet, const StreamStore& streams, const Where& where) = 0;
};

}  // namespace stackscope
