#include "kernel_model/softirq/qdisc.hpp"

#include <cassert>
#include <utility>

#include "kernel_model/softirq/dev.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

Qdisc::Qdisc(NetTx& net_tx, TransmitQueue& device, std::uint32_t limit, PacketPool& packets,
             const NetDeviceCosts& costs)
    : net_tx_(net_tx), device_(device), limit_(limit), packets_(packets), costs_(costs) {}

// An empty queue is bypassed (TCQ_F_CAN_BYPASS), unless another CPU is feeding the device.
void Qdisc::send(Cpu& cpu, Packet& packet) {
  assert(cpu.is_bh_disabled());
  root_lock_.lock(cpu);
  cpu.charge(costs_.qdisc_enqueue);
  if (queue_.is_empty() && !is_running_ && !device_.is_stopped()) {
    is_running_ = true;
    transmit(cpu, packet);
    run(cpu);
    is_running_ = false;
  } else {
    enqueue(cpu, packet);
    run_unless_running(cpu);
  }
  root_lock_.unlock(cpu);
}

void Qdisc::wake(Cpu& cpu) { net_tx_.schedule(cpu, *this); }

void Qdisc::enqueue(Cpu& cpu, Packet& packet) {
  if (queue_.size() >= limit_) {
    ++dropped_;
    kfree_skb(cpu, packet, DropReason::kTransmitQueueFull, packets_);
    return;
  }
  packet.stamp = cpu.engine().now();
  queue_.push(packet);
}

void Qdisc::run_unless_running(Cpu& cpu) {
  if (is_running_) return;
  is_running_ = true;
  run(cpu);
  is_running_ = false;
}

// Linux: __qdisc_run(), with dequeue_skb(), which leaves packets where they are while the device is stopped.
void Qdisc::run(Cpu& cpu) {
  const RecordId flow = cpu.engine().moment().cause;
  for (std::uint32_t quota = kWeight; !queue_.is_empty() && !device_.is_stopped();) {
    transmit(cpu, dequeue(cpu));
    cpu.engine().moment().cause = flow;
    if (--quota == 0) {
      net_tx_.schedule(cpu, *this);
      return;
    }
  }
}

Packet& Qdisc::dequeue(Cpu& cpu) {
  cpu.charge(costs_.qdisc_dequeue);
  Packet& packet = queue_.pop();
  follow_packet(cpu, packet, WaitReason::kTransmitRing, packet.stamp);
  return packet;
}

// Others may queue packets while the driver works: it is called without the lock. Linux: sch_direct_xmit()
void Qdisc::transmit(Cpu& cpu, Packet& packet) {
  root_lock_.unlock(cpu);
  device_.start_xmit(cpu, packet);
  root_lock_.lock(cpu);
}

// --- NET_TX ----------------------------------------------------------------------------------------------------------

NetTx::NetTx(Softirqs& softirqs, std::uint8_t cpus, const NetDeviceCosts& costs)
    : softirqs_(softirqs), costs_(costs), output_queues_(cpus) {
  softirqs_.open(SoftirqVector::kNetTx, this,
                 [](void* self, Cpu& cpu) { static_cast<NetTx*>(self)->net_tx_action(cpu); });
}

void NetTx::schedule(Cpu& cpu, Qdisc& qdisc) {
  if (std::exchange(qdisc.is_scheduled_, true)) return;
  IrqSection off{cpu};
  OutputQueue& queue = output_queues_[cpu.number()];
  qdisc.next_scheduled_ = nullptr;
  (queue.tail == nullptr ? queue.head : queue.tail->next_scheduled_) = &qdisc;
  queue.tail = &qdisc;
  softirqs_.raise(cpu, SoftirqVector::kNetTx);
}

// A queue may be scheduled again, here or elsewhere, as soon as it is off the list: so its successor is read first.
void NetTx::net_tx_action(Cpu& cpu) {
  cpu.charge(costs_.net_tx_action);
  OutputQueue taken = std::exchange(output_queues_[cpu.number()], OutputQueue{});
  while (taken.head != nullptr) {
    Qdisc& qdisc = *std::exchange(taken.head, taken.head->next_scheduled_);
    qdisc.root_lock_.lock(cpu);
    qdisc.is_scheduled_ = false;
    qdisc.run_unless_running(cpu);
    qdisc.root_lock_.unlock(cpu);
  }
}

}  // namespace stackscope
