#pragma once
// The short paths between protocols and devices, down and up.
//
// Linux: net/core/dev.c __dev_queue_xmit(), __netif_receive_skb()

#include "kernel_model/costs/net_device_costs.hpp"
#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/net/device.hpp"

namespace stackscope {

/// Hands a packet to a device and takes it over. Bottom halves are off meanwhile; when they come back on and this was
/// the outermost section, pending softirqs run: on loopback that is where the packet is received.
///
/// Linux: net/core/dev.c __dev_queue_xmit()
void dev_queue_xmit(Cpu& cpu, NetDevice& device, Packet& packet, const NetDeviceCosts& costs);

/// A softirq took a packet from a device: up to the protocols, which take it over.
///
/// Linux: net/core/dev.c __netif_receive_skb_core()
void netif_receive_skb(Cpu& cpu, Packet& packet, PacketReceiver& receiver, const NetDeviceCosts& costs);

/// What follows was caused by `packet`, not by what ran before on this CPU; if it is now later than `since`, the packet
/// waited, for `reason`, behind the latter.
void follow_packet(Cpu& cpu, const Packet& packet, WaitReason reason, Instant since);

/// The kernel drops a packet.
void kfree_skb(Cpu& cpu, Packet& packet, DropReason reason, PacketPool& packets);

}  // namespace stackscope
