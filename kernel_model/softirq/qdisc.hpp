#pragma once
// The queue in front of a device that can be full, and the softirq that goes on when it is not full any more.
//
// Linux:     net/core/dev.c __dev_xmit_skb(), net_tx_action(), __netif_schedule(); net/sched/sch_generic.c
//            sch_direct_xmit(), __qdisc_run(), dequeue_skb()
// Invariant: one CPU at a time feeds the device (__QDISC_STATE_RUNNING), so packets leave in the order in which they came.
// Differs:   one first-in-first-out queue (pfifo), where Linux's default is fq_codel or three bands, without bulk
//            dequeueing. Who could notice: several connections that share a link which is slower than they are.
// Differs:   a packet that was sent frees no send buffer (TCP small queues): nothing limits what one socket may queue
//            here. Who could notice: a bulk sender on a slow link.

#include <cstdint>
#include <vector>

#include "kernel_model/costs/net_device_costs.hpp"
#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/net/device.hpp"
#include "kernel_model/softirq/softirq.hpp"

namespace stackscope {

/// The driver's side of a transmit queue. Linux: struct netdev_queue, net_device_ops.ndo_start_xmit
class TransmitQueue {
 public:
  virtual ~TransmitQueue() = default;
  /// No packet may be handed over until the driver wakes the queue. Linux: netif_xmit_stopped()
  virtual bool is_stopped() const = 0;
  /// Takes a packet over. REQUIRES: not stopped; called by one CPU at a time, with bottom halves off.
  virtual void start_xmit(Cpu& cpu, Packet& packet) = 0;
};

class NetTx;

class Qdisc {
 public:
  /// `limit`: packets that may wait. Linux: net_device.tx_queue_len
  Qdisc(NetTx& net_tx, TransmitQueue& device, std::uint32_t limit, PacketPool& packets,
        const NetDeviceCosts& costs);
  Qdisc(const Qdisc&) = delete;
  Qdisc& operator=(const Qdisc&) = delete;

  /// Gives the packet to the device, or queues it where that is stopped or busy, or drops it where the queue is full.
  /// REQUIRES: bottom halves off.
  ///
  /// Linux: net/core/dev.c __dev_xmit_skb()
  void send(Cpu& cpu, Packet& packet);

  /// The device takes packets again: NET_TX will feed it. Linux: netif_tx_wake_queue()
  void wake(Cpu& cpu);

  std::uint32_t size() const { return queue_.size(); }
  std::uint32_t dropped() const { return dropped_; }

 private:
  friend class NetTx;
  static constexpr std::uint32_t kWeight = 64;  // dev_tx_weight

  void enqueue(Cpu& cpu, Packet& packet);
  void run_unless_running(Cpu& cpu);
  void run(Cpu& cpu);
  void transmit(Cpu& cpu, Packet& packet);
  Packet& dequeue(Cpu& cpu);

  NetTx& net_tx_;
  TransmitQueue& device_;
  std::uint32_t limit_;
  PacketPool& packets_;
  const NetDeviceCosts& costs_;
  SpinLock root_lock_;
  CountedPacketQueue queue_;
  bool is_running_ = false;    // __QDISC_STATE_RUNNING
  bool is_scheduled_ = false;  // __QDISC_STATE_SCHED
  std::uint32_t dropped_ = 0;
  Qdisc* next_scheduled_ = nullptr;
};

/// The transmit softirq of all CPUs of a host.
class NetTx {
 public:
  /// Opens NET_TX. References must outlive this.
  NetTx(Softirqs& softirqs, std::uint8_t cpus, const NetDeviceCosts& costs);
  NetTx(const NetTx&) = delete;
  NetTx& operator=(const NetTx&) = delete;

  /// The queue will run in this CPU's softirq; nothing happens if it will already, here or elsewhere.
  ///
  /// Linux: __netif_schedule()
  void schedule(Cpu& cpu, Qdisc& qdisc);

 private:
  /// Linux: softnet_data.output_queue
  struct OutputQueue {
    Qdisc* head = nullptr;
    Qdisc* tail = nullptr;
  };

  void net_tx_action(Cpu& cpu);

  Softirqs& softirqs_;
  const NetDeviceCosts& costs_;
  std::vector<OutputQueue> output_queues_;
};

}  // namespace stackscope
