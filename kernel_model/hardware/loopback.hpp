#pragma once
// The device `lo`: what is sent is received at once, through this CPU's backlog.
//
// Linux:     drivers/net/loopback.c loopback_xmit()
// Invariant: no queue, no lock: a packet is on the backlog when transmit() returns, or was dropped. It is received when
//            bottom halves come back on, inside the sender's call.

#include "kernel_model/net/device.hpp"
#include "kernel_model/softirq/backlog.hpp"

namespace stackscope {

class Loopback final : public NetDevice {
 public:
  static constexpr std::uint32_t kMtu = 65536;

  explicit Loopback(Backlog& backlog, const NetDeviceCosts& costs) : backlog_(backlog), costs_(costs) {}

  DeviceKind kind() const override { return DeviceKind::kLoopback; }
  std::uint32_t mtu() const override { return kMtu; }
  /// Call through dev_queue_xmit().
  void transmit(Cpu& cpu, Packet& packet) override;

 private:
  Backlog& backlog_;
  const NetDeviceCosts& costs_;
};

}  // namespace stackscope
