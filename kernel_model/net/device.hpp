#pragma once
// Network devices: what sends a packet, and where received ones enter the kernel.

#include "kernel_model/net/packet.hpp"
#include "kernel_model/net/tap.hpp"

namespace stackscope {

class Cpu;

/// Linux: struct net_device, net_device_ops.ndo_start_xmit
class NetDevice {
 public:
  virtual ~NetDevice() = default;
  virtual DeviceKind kind() const = 0;
  /// Bytes of IP in a packet, at most.
  virtual std::uint32_t mtu() const = 0;
  /// Sends a packet, or queues it; takes it over. REQUIRES: bottom halves off, on `cpu`.
  virtual void transmit(Cpu& cpu, Packet& packet) = 0;
};

/// Where packets go that a softirq has taken from a device: the protocols above. Runs in softirq context.
/// Linux: net/core/dev.c __netif_receive_skb_core()
class PacketReceiver {
 public:
  virtual ~PacketReceiver() = default;
  virtual void receive(Cpu& cpu, Packet& packet) = 0;
  /// Whoever listens to `device` hears the packet.
  virtual void tap(const Packet& packet, DeviceKind device, Way way) {
    static_cast<void>(packet), static_cast<void>(device), static_cast<void>(way);
  }
};

}  // namespace stackscope
