#include "kernel_model/softirq/backlog.hpp"

#include <cassert>

#include "kernel_model/softirq/dev.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

Backlog::PerCpu::PerCpu(Backlog& of, std::uint8_t cpu)
    : backlog(of),
      napi(napi_of(cpu), of.net_rx_.limits().dev_weight, this,
           [](void* owner, Cpu& polling, std::uint32_t quota) {
             auto& self = *static_cast<PerCpu*>(owner);
             return self.backlog.process_backlog(polling, self, quota);
           }) {}

Backlog::Backlog(NetRx& net_rx, std::uint8_t cpus, PacketReceiver& receiver, PacketPool& packets)
    : net_rx_(net_rx), receiver_(receiver), packets_(packets) {
  for (std::uint8_t n = 0; n < cpus; ++n) state_.push_back(std::make_unique<PerCpu>(*this, n));
}

std::uint32_t Backlog::size(const Cpu& cpu) const {
  const PerCpu& state = *state_[cpu.number()];
  return state.input_pkt_queue.size() + state.process_queue.size();
}

// The limit is compared before the packet is added, so one more than it says is held, as in Linux. Only the input queue
// counts: what a poll has taken over to its process queue is not in it any more.
bool Backlog::netif_rx(Cpu& cpu, Packet& packet) {
  assert(cpu.is_bh_disabled() || cpu.in_interrupt());
  PerCpu& state = *state_[cpu.number()];
  cpu.charge(net_rx_.costs().netif_rx);

  IrqSection off{cpu};
  packet.cause = cpu.trace().emit(NetifRx{packet.arrived_on, packet.id, packet.ip_bytes()});
  packet.stamp = cpu.engine().now();
  const std::uint32_t waiting = state.input_pkt_queue.size();
  if (waiting > net_rx_.limits().netdev_max_backlog) {
    ++state.dropped;
    kfree_skb(cpu, packet, DropReason::kBacklogFull, packets_);
    return false;
  }
  state.input_pkt_queue.push(packet);
  if (waiting == 0 && !state.napi.is_scheduled()) {
    state.scheduled_by = packet.id;
    net_rx_.schedule(cpu, state.napi);
  }
  return true;
}

std::uint32_t Backlog::process_backlog(Cpu& cpu, PerCpu& state, std::uint32_t quota) {
  const RecordId flow = cpu.engine().moment().cause;
  state.napi.set_weight(net_rx_.limits().dev_weight);
  for (std::uint32_t work = 0;;) {
    while (!state.process_queue.is_empty()) {
      process(cpu, state, flow);
      if (++work >= quota) return work;
    }
    if (state.input_pkt_queue.is_empty()) {
      net_rx_.complete(cpu, state.napi);
      return work;
    }
    state.process_queue.splice(state.input_pkt_queue);
  }
}

// The packet that asked for the softirq is what this flow of control follows; the others waited for it.
void Backlog::process(Cpu& cpu, PerCpu& state, RecordId flow) {
  cpu.charge(net_rx_.costs().backlog_dequeue);
  Packet& packet = state.process_queue.pop();
  if (packet.id == state.scheduled_by) {
    cpu.engine().moment().cause = flow;
  } else {
    follow_packet(cpu, packet, WaitReason::kSoftirqQueued, packet.stamp);
  }
  netif_receive_skb(cpu, packet, receiver_, net_rx_.costs());
}

}  // namespace stackscope
