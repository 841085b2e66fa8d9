#include "kernel_model/hardware/link.hpp"

#include <algorithm>
#include <cassert>

#include "kernel_model/hardware/at_place.hpp"
#include "kernel_model/hardware/wire.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

namespace stackscope {

Link::Direction::Direction(Link& of)
    : link(of),
      sent(Event::calling<&Direction::on_sent>(*this)),
      arrival(Event::calling<&Direction::on_arrival>(*this)) {}

Link::Link(Engine& engine, Trace& trace, PacketPool& packets, const LinkConfig& config)
    : engine_(engine),
      trace_(trace),
      packets_(packets),
      config_(config),
      directions_{Direction{*this}, Direction{*this}} {}

void Link::attach(Side side, LinkEnd& end, std::uint8_t host) {
  Direction& out = directions_[index(side)];
  Direction& in = directions_[1 - index(side)];
  out.from = in.to = &end;
  out.from_place = in.to_place = Place{host, Place::kNoCpu};
}

std::uint32_t Link::queued(Side from) const {
  const Direction& direction = directions_[index(from)];
  return direction.waiting.size() + (direction.sending != nullptr);
}

bool Link::send(Side from, Packet& packet) {
  Direction& direction = directions_[index(from)];
  assert(direction.from != nullptr && direction.to != nullptr);
  if (config_.cut && engine_.now() >= Instant::at(config_.cut)) {
    drop(direction, packet, DropReason::kLinkCut);
    return false;
  }
  if (direction.sending == nullptr) {
    direction.remainder = 0;
    start(direction, packet);
  } else if (direction.waiting.size() < config_.queue) {
    direction.waiting.push(packet);
  } else {
    drop(direction, packet, DropReason::kTransmitQueueFull);
    return false;
  }
  return true;
}

void Link::start(Direction& direction, Packet& packet) {
  direction.sending = &packet;
  engine_.schedule(direction.sent, engine_.now() + serialise(direction, packet), Rank::hardware());
}

// Rounded down, what is left over goes to the next frame; so the rate is exact over any number of frames in a row.
Duration Link::serialise(Direction& direction, const Packet& packet) const {
  const std::int64_t rate = config_.bits_per_second;
  if (rate == 0) return {};
  if (direction.remainder_of != rate) direction.remainder = 0;
  direction.remainder_of = rate;
  const std::int64_t scaled =
      static_cast<std::int64_t>(wire_bytes(packet)) * 8 * 1'000'000'000 + direction.remainder;
  direction.remainder = scaled % rate;
  return Duration::ns(scaled / rate);
}

void Link::drop(Direction& direction, Packet& packet, DropReason reason) {
  ++direction.dropped;
  const AtPlace here{engine_.moment(), direction.from_place, packet.cause};
  trace_.emit(KfreeSkb{packet.id, reason});
  packets_.give_back(packet);
}

void Link::Direction::on_sent() {
  Packet& packet = *sending;
  sending = nullptr;
  const AtPlace here{link.engine_.moment(), from_place, packet.cause};
  packet.cause = link.trace_.emit(LinkSent{wire_segment(packet)});
  last_arrival = packet.stamp = std::max(link.engine_.now() + link.config_.delay, last_arrival);
  flying.push(packet);
  if (!arrival.is_pending()) link.engine_.schedule(arrival, packet.stamp, Rank::hardware());
  const RecordId told = packet.cause;
  if (!waiting.is_empty()) link.start(*this, waiting.pop());
  from->on_sent(told);
}

void Link::Direction::on_arrival() {
  Packet& packet = flying.pop();
  if (!flying.is_empty()) link.engine_.schedule(arrival, flying.front()->stamp, Rank::hardware());
  const AtPlace here{link.engine_.moment(), to_place, packet.cause};
  packet.cause = link.trace_.emit(LinkDelivered{packet.id});
  to->on_frame(packet);
}

}  // namespace stackscope
