#pragma once
// The per-CPU backlog: where devices without a poll function of their own (loopback, veth) put what they receive.
//
// Linux:     net/core/dev.c netif_rx_internal(), enqueue_to_backlog(), process_backlog()
// Invariant: the backlog's napi is scheduled whenever a packet waits; only its own CPU touches its queues.
// Differs:   no RPS, so no CPU puts packets on another's backlog and its lock is never contended; no flow limit. Who
//            could notice: a machine with rps_cpus set.

#include <memory>
#include <vector>

#include "kernel_model/net/device.hpp"
#include "kernel_model/softirq/napi.hpp"

namespace stackscope {

class Backlog {
 public:
  Backlog(NetRx& net_rx, std::uint8_t cpus, PacketReceiver& receiver, PacketPool& packets);

  /// The napi of a CPU's backlog, which tracepoints call "(no_device)".
  static NapiId napi_of(std::uint8_t cpu) { return NapiId{cpu + 1u}; }
  /// The first identity that is free for other devices of a host with so many CPUs.
  static NapiId first_of_devices(std::uint8_t cpus) { return NapiId{cpus + 1u}; }

  /// Puts a packet on this CPU's backlog, or drops it where more than net.core.netdev_max_backlog wait; takes it
  /// over. Returns whether it was queued. REQUIRES: bottom halves off, or in an interrupt.
  ///
  /// Linux: __netif_rx()
  bool netif_rx(Cpu& cpu, Packet& packet);

  /// Calls `visit(packet)` for each that waits on a CPU, the first one first.
  void for_each(const Cpu& cpu, auto visit) const {
    const PerCpu& state = *state_[cpu.number()];
    for (const CountedPacketQueue* queue : {&state.process_queue, &state.input_pkt_queue}) {
      for (const Packet* packet = queue->front(); packet != nullptr; packet = packet->next) visit(*packet);
    }
  }

  /// Packets that wait on a CPU, and how many it has dropped. Linux: softnet_data.dropped
  std::uint32_t size(const Cpu& cpu) const;
  std::uint32_t dropped(const Cpu& cpu) const { return state_[cpu.number()]->dropped; }

 private:
  struct PerCpu {
    PerCpu(Backlog& of, std::uint8_t cpu);
    Backlog& backlog;
    Napi napi;
    CountedPacketQueue input_pkt_queue, process_queue;
    PacketId scheduled_by;  // the packet for which the napi was scheduled
    std::uint32_t dropped = 0;
  };

  std::uint32_t process_backlog(Cpu& cpu, PerCpu& state, std::uint32_t quota);
  void process(Cpu& cpu, PerCpu& state, RecordId flow);

  NetRx& net_rx_;
  PacketReceiver& receiver_;
  PacketPool& packets_;
  std::vector<std::unique_ptr<PerCpu>> state_;
};

}  // namespace stackscope
