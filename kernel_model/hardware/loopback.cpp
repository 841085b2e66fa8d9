#include "kernel_model/hardware/loopback.hpp"

#include "kernel_model/hardware/wire.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

// The driver says that it took the packet even where the backlog dropped it (NETDEV_TX_OK).
void Loopback::transmit(Cpu& cpu, Packet& packet) {
  const PacketId id = packet.id;
  const std::uint32_t length = frame_bytes(packet);
  cpu.trace().emit(NetDevStartXmit{kind(), id, length});
  cpu.charge(costs_.loopback_xmit);
  packet.arrived_on = kind();
  backlog_.netif_rx(cpu, packet);
  cpu.trace().emit(NetDevXmit{kind(), id, length});
}

}  // namespace stackscope
