#include "kernel_model/hardware/nic.hpp"

#include "kernel_model/hardware/wire.hpp"
#include "kernel_model/softirq/dev.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

Nic::Nic(const NicIdentity& identity, Link& link, Link::Side side, const DriverServices& services,
         const NicConfig& config)
    : engine_(identity.interrupted.engine()),
      trace_(identity.interrupted.trace()),
      queue_(identity.queue),
      link_(link),
      side_(side),
      kernel_(services),
      moderation_(config.moderation),
      mtu_(config.mtu),
      interrupt_(identity.queue, identity.interrupted, moderation_, this,
                 [](void* self, Cpu& cpu) { static_cast<Nic*>(self)->on_interrupt(cpu); }),
      napi_(identity.napi, config.napi_weight, this,
            [](void* self, Cpu& cpu, std::uint32_t budget) {
              return static_cast<Nic*>(self)->poll(cpu, budget);
            }),
      rx_(config.rx_ring),
      tx_(config.tx_ring),
      qdisc_(services.net_tx, *this, config.tx_queue_len, services.packets, services.net_rx.costs()) {
  link.attach(side, *this, identity.interrupted.place().host);
}

// --- the hardware ----------------------------------------------------------------------------------------------------

void Nic::on_frame(Packet& packet) {
  if (rx_.is_full()) {
    ++rx_missed_;
    trace_.emit(FrameDropped{queue_, packet.id});
    kernel_.packets.give_back(packet);
    return;
  }
  packet.arrived_on = kind();
  packet.stamp = engine_.now();
  const std::uint32_t slot = rx_.fill(packet);
  packet.cause = trace_.emit(FrameArrived{queue_, packet.id, slot, frame_bytes(packet)});
  interrupt_.request();
}

void Nic::on_sent(RecordId sent) {
  tx_.on_sent(sent);
  interrupt_.request();
}

// --- the driver, receiving -------------------------------------------------------------------------------------------

void Nic::on_interrupt(Cpu& cpu) {
  cpu.charge(costs().nic_interrupt);
  interrupt_.mask(cpu);
  kernel_.net_rx.schedule(cpu, napi_);
}

// All of the budget is reported where sent frames are left to clean, so that the poll is repeated.
std::uint32_t Nic::poll(Cpu& cpu, std::uint32_t budget) {
  const bool is_tx_clean = clean_tx(cpu);
  const std::uint32_t taken = take_rx(cpu, budget);
  if (!is_tx_clean || taken == budget) return budget;
  if (kernel_.net_rx.complete(cpu, napi_)) unmask(cpu);
  return taken;
}

// The frame for which the NIC interrupted is what this flow of control follows; the others waited for it.
std::uint32_t Nic::take_rx(Cpu& cpu, std::uint32_t budget) {
  const RecordId flow = cpu.engine().moment().cause;
  std::uint32_t taken = 0;
  for (; taken < budget && !rx_.is_empty(); ++taken) {
    cpu.charge(costs().nic_rx_frame);
    Packet& packet = rx_.take();
    if (packet.cause == interrupt_.announced()) {
      cpu.engine().moment().cause = flow;
    } else {
      follow_packet(cpu, packet, WaitReason::kSoftirqQueued, packet.stamp);
    }
    packet.cause = cpu.trace().emit(RxRingTaken{queue_, packet.id});
    netif_receive_skb(cpu, packet, kernel_.receiver, costs());
  }
  cpu.engine().moment().cause = flow;
  return taken;
}

void Nic::unmask(Cpu& cpu) {
  cpu.charge(costs().nic_unmask);
  const std::uint32_t happened = rx_.size() + tx_.cleanable();
  const RecordId first = !rx_.is_empty() ? rx_.front().cause : tx_.oldest().sent_by;
  interrupt_.unmask(cpu, happened, first);
}

// --- the driver, sending ---------------------------------------------------------------------------------------------

void Nic::start_xmit(Cpu& cpu, Packet& packet) {
  const PacketId id = packet.id;
  const std::uint32_t length = frame_bytes(packet);
  kernel_.receiver.tap(packet, kind(), Way::kOut);
  cpu.trace().emit(NetDevStartXmit{kind(), id, length});
  cpu.charge(costs().nic_tx_frame);
  const std::uint32_t slot = tx_.queue(id);
  const RecordId queued = cpu.trace().emit(TxRingQueued{queue_, id, slot});
  packet.cause = queued;
  is_stopped_ = tx_.is_full();  // netif_stop_queue()
  if (!link_.send(side_, packet)) {
    IrqSection off{cpu};
    tx_.on_lost(slot, queued);
    interrupt_.request();
  }
  cpu.trace().emit(NetDevXmit{kind(), id, length}, queued);
}

bool Nic::clean_tx(Cpu& cpu) {
  const RecordId flow = cpu.engine().moment().cause;
  std::uint32_t cleaned = 0;
  for (; cleaned < kTxWorkLimit && tx_.cleanable() > 0; ++cleaned) {
    cpu.charge(costs().nic_tx_clean);
    const TxRing::Slot slot = tx_.clean();
    cpu.trace().emit(TxRingCompleted{queue_, slot.packet}, slot.sent_by);
  }
  if (cleaned > 0) wake_if_stopped(cpu);
  cpu.engine().moment().cause = flow;
  return cleaned < kTxWorkLimit;
}

void Nic::wake_if_stopped(Cpu& cpu) {
  if (!is_stopped_ || tx_.free() < kWakeThreshold) return;
  is_stopped_ = false;
  qdisc_.wake(cpu);
}

}  // namespace stackscope
