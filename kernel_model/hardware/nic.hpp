#pragma once
// A network card with one queue, and its driver.
//
//   link -> RX ring -> interrupt (moderated) -> handler masks, schedules NAPI -> poll cleans TX, takes RX -> unmask
//   dev_queue_xmit -> qdisc -> TX ring -> link -> interrupt -> the same poll cleans the slot, wakes the queue
//
// Linux:     drivers/net/ethernet/intel/igb/igb_main.c igb_msix_ring(), igb_poll(), igb_xmit_frame_ring(); the struct
//            net_device of a physical card
// Invariant: interrupts are masked from the handler until the poll function has completed; while the ring is not empty and
//            they are not masked, one is pending or its moderation runs.
// Differs:   one queue (no RSS), no GRO, checksums and segmentation always by hardware. Who could notice: several CPUs
//            that receive at once; bulk receivers.

#include "kernel_model/hardware/link.hpp"
#include "kernel_model/hardware/nic_interrupt.hpp"
#include "kernel_model/hardware/nic_rings.hpp"
#include "kernel_model/net/device.hpp"
#include "kernel_model/softirq/napi.hpp"
#include "kernel_model/softirq/qdisc.hpp"

namespace stackscope {

struct NicConfig {
  std::uint32_t rx_ring = 512, tx_ring = 512;
  InterruptModeration moderation = {};
  std::uint32_t napi_weight = 64;
  std::uint32_t tx_queue_len = 1000;  // packets that wait in front of the transmit ring
  std::uint32_t mtu = 1500;
};

/// What the kernel gives to a driver; all outlive it.
struct DriverServices {
  NetRx& net_rx;
  NetTx& net_tx;
  PacketReceiver& receiver;
  PacketPool& packets;
};

/// Which queue this is, and who is at its ends.
struct NicIdentity {
  QueueId queue;
  NapiId napi;
  Cpu& interrupted;  // where interrupts go at first
};

class Nic final : public NetDevice, private LinkEnd, private TransmitQueue {
 public:
  /// Attaches itself to the link's side.
  Nic(const NicIdentity& identity, Link& link, Link::Side side, const DriverServices& services,
      const NicConfig& config);
  Nic(const Nic&) = delete;
  Nic& operator=(const Nic&) = delete;

  DeviceKind kind() const override { return DeviceKind::kNic; }
  std::uint32_t mtu() const override { return mtu_; }
  /// Call through dev_queue_xmit().
  void transmit(Cpu& cpu, Packet& packet) override { qdisc_.send(cpu, packet); }

  /// The knobs that may change while running.
  void set_moderation(const InterruptModeration& moderation) { moderation_ = moderation; }
  void set_affinity(Cpu& cpu) { interrupt_.set_affinity(cpu); }

  const RxRing& rx_ring() const { return rx_; }
  const TxRing& tx_ring() const { return tx_; }
  const Qdisc& qdisc() const { return qdisc_; }
  QueueId queue() const { return queue_; }
  const NicInterruptLine& interrupt() const { return interrupt_; }
  bool is_masked() const { return interrupt_.is_masked(); }
  bool is_stopped() const override { return is_stopped_; }
  /// Frames that found the receive ring full. Linux: rtnl_link_stats64.rx_missed_errors
  std::uint32_t rx_missed() const { return rx_missed_; }

 private:
  static constexpr std::uint32_t kTxWorkLimit = 128;  // igb: IGB_DEFAULT_TX_WORK
  static constexpr std::uint32_t kWakeThreshold = 2;  // igb: twice what one packet needs (TX_WAKE_THRESHOLD)

  void on_frame(Packet& packet) override;
  void on_sent(RecordId sent) override;
  void start_xmit(Cpu& cpu, Packet& packet) override;

  void on_interrupt(Cpu& cpu);
  std::uint32_t poll(Cpu& cpu, std::uint32_t budget);
  bool clean_tx(Cpu& cpu);
  void wake_if_stopped(Cpu& cpu);
  std::uint32_t take_rx(Cpu& cpu, std::uint32_t budget);
  void unmask(Cpu& cpu);
  const NetDeviceCosts& costs() const { return kernel_.net_rx.costs(); }

  Engine& engine_;
  Trace& trace_;
  QueueId queue_;
  Link& link_;
  Link::Side side_;
  DriverServices kernel_;
  InterruptModeration moderation_;
  std::uint32_t mtu_;
  NicInterruptLine interrupt_;
  Napi napi_;
  RxRing rx_;
  TxRing tx_;
  Qdisc qdisc_;
  bool is_stopped_ = false;  // __QUEUE_STATE_DRV_XOFF
  std::uint32_t rx_missed_ = 0;
};

}  // namespace stackscope
