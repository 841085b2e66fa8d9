#pragma once
// A TUN device: the other end of its wire is a program's, which reads what the host sends and writes what it receives.
//
// Linux:     drivers/net/tun.c tun_net_xmit(), tun_get_user(), set_offload()
// Invariant: a packet is read at the instant in which it is sent; what is written is received in the order of writing.
// Differs:   who reads and writes is no program of this host but its surroundings, so what is written is received in an
//            interrupt, not in a write(). No queue. Offloads are always on: super-packets are read whole.

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/net/device.hpp"
#include "kernel_model/softirq/backlog.hpp"

namespace stackscope {

/// Who holds the other end. Called inside the sender's bottom-half section: it may note, never call back.
class TunReader {
 public:
  virtual ~TunReader() = default;
  virtual void on_read(const Packet& packet) = 0;
};

class Tun final : public NetDevice {
 public:
  /// All outlive this. Packets that are written are received on `cpu`.
  Tun(Backlog& backlog, Cpu& cpu, PacketPool& packets, TunReader& reader, std::uint32_t mtu);
  Tun(const Tun&) = delete;
  Tun& operator=(const Tun&) = delete;

  DeviceKind kind() const override { return DeviceKind::kNic; }
  std::uint32_t mtu() const override { return mtu_; }
  /// Call through dev_queue_xmit().
  void transmit(Cpu& cpu, Packet& packet) override;

  /// The host receives the packet at this instant, once the engine runs on; takes it over. REQUIRES: called between two
  /// events of the engine.
  void write(Packet& packet);

 private:
  void on_written();
  void receive(Cpu& cpu);

  Backlog& backlog_;
  Cpu& cpu_;
  PacketPool& packets_;
  TunReader& reader_;
  std::uint32_t mtu_;
  PacketQueue written_;
  Event event_ = Event::calling<&Tun::on_written>(*this);
  IrqLine line_;
};

}  // namespace stackscope
