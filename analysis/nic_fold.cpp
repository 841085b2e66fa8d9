// Links and NICs.

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

/// A NIC's queue comes to be with the first record that names it.
NicView& nic_of(Folding& at, QueueId id) {
  NicView& nic = at.host().nics[id];
  nic.id = id;
  return nic;
}

/// Rings are emptied in the order in which they were filled.
void take(Folding& at, PagedQueue<RingEntryView>& ring, PacketId packet) {
  const RingEntryView* const first = ring.front();
  if (first == nullptr || first->packet != packet) return at.problem();
  ring.pop_front();
}

}  // namespace

void fold(Folding& at, const LinkSent& record) {
  LinkView& links = at.simulation.links;
  if (!record.packet || links.in_flight.contains(record.packet)) return at.problem();
  FrameInFlight& frame = links.in_flight[record.packet];
  static_cast<WireSegment&>(frame) = record;
  frame.host = at.header.place.host, frame.since = at.header.at;
  ++links.sent;
}

void fold(Folding& at, const LinkDelivered& record) {
  LinkView& links = at.simulation.links;
  if (!links.in_flight.erase(record.packet)) return at.problem();
  ++links.delivered;
}

void fold(Folding& at, const FrameArrived& record) {
  NicView& nic = nic_of(at, record.queue);
  nic.rx.push_back({record.ring_slot, record.packet, at.header.at});
  ++nic.frames;
}

void fold(Folding& at, const FrameDropped& record) {
  NicView& nic = nic_of(at, record.queue);
  ++nic.drops;
  nic.last_dropped = record.packet;
}

void fold(Folding& at, const RxRingTaken& record) { take(at, nic_of(at, record.queue).rx, record.packet); }

void fold(Folding& at, const NicInterrupt& record) {
  NicView& nic = nic_of(at, record.queue);
  nic.is_interrupt_pending = true, nic.target_cpu = record.target_cpu, nic.interrupt_since = at.header.at;
  ++nic.interrupts;
}

void fold(Folding& at, const NicInterruptMask& record) { nic_of(at, record.queue).is_masked = record.masked; }

void fold(Folding& at, const TxRingQueued& record) {
  nic_of(at, record.queue).tx.push_back({record.ring_slot, record.packet, at.header.at});
}

void fold(Folding& at, const TxRingCompleted& record) {
  NicView& nic = nic_of(at, record.queue);
  take(at, nic.tx, record.packet);
  ++nic.sent;
}

}  // namespace stackscope
