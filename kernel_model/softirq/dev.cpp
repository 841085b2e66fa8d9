#include "kernel_model/softirq/dev.hpp"

#include "kernel_model/hardware/wire.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

void dev_queue_xmit(Cpu& cpu, NetDevice& device, Packet& packet, const NetDeviceCosts& costs) {
  BhSection off{cpu};
  cpu.charge(costs.dev_queue_xmit);
  packet.cause = cpu.trace().emit(NetDevQueue{wire_segment(packet), device.kind(), frame_bytes(packet)});
  device.transmit(cpu, packet);
}

void netif_receive_skb(Cpu& cpu, Packet& packet, PacketReceiver& receiver, const NetDeviceCosts& costs) {
  receiver.tap(packet, packet.arrived_on, Way::kIn);
  packet.cause = cpu.trace().emit(NetifReceiveSkb{packet.arrived_on, packet.id, packet.ip_bytes()});
  cpu.charge(costs.netif_receive_skb);
  receiver.receive(cpu, packet);
}

void follow_packet(Cpu& cpu, const Packet& packet, WaitReason reason, Instant since) {
  RecordId& cause = cpu.engine().moment().cause;
  if (cpu.engine().now() > since) {
    cpu.trace().emit(Waited{reason, since, {}, cause}, packet.cause);
  } else {
    cause = packet.cause;
  }
}

void kfree_skb(Cpu& cpu, Packet& packet, DropReason reason, PacketPool& packets) {
  cpu.trace().emit(KfreeSkb{packet.id, reason});
  packets.give_back(packet);
}

}  // namespace stackscope
