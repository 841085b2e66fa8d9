#include "kernel_model/host/ideal_host.hpp"

#include <utility>

#include "kernel_model/host/crowd_run.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

IdealHost::IdealHost(const Shared& shared, PeerConfig config)
    : shared_(shared),
      config_(std::move(config)),
      announced_(announce(shared, config_)),
      tick_(config_.hz, config_.tick_phase),
      wheel_(config_.hz, tick_.at(shared.engine.now())),
      random_(shared.seed, "tcp " + config_.name),
      tcp_(*this),
      udp_(*this, free_udp_, RandomStream(shared.seed, "udp " + config_.name)) {}

IdealHost::~IdealHost() = default;

RecordId IdealHost::announce(const Shared& shared, const PeerConfig& config) {
  shared.engine.moment().place = Place{config.ordinal, Place::kNoCpu};
  shared.engine.moment().cause = {};
  return shared.trace.emit(
      HostStarted{shared.trace.intern(config.name), 0, static_cast<std::uint16_t>(config.hz.value)});
}

void IdealHost::attach(Link& link, Link::Side side) {
  link_ = &link;
  side_ = side;
  link.attach(side, *this, config_.ordinal);
}

CrowdRun& IdealHost::run(std::unique_ptr<CrowdProgram> program, Instant start) {
  return *runs_.emplace_back(std::make_unique<CrowdRun>(*this, std::move(program), start));
}

Route IdealHost::route(std::uint32_t) const {
  return Route{config_.address, config_.mtu, DeviceKind::kIdeal};
}

void IdealHost::enter() { shared_.engine.moment().place = Place{config_.ordinal, Place::kNoCpu}; }

void IdealHost::settle() {
  for (bool again = true; again;) {
    again = false;
    for (const auto& run : runs_) again |= run->tell_program();
  }
  const auto expiry = wheel_.next_expiry();
  Instant next = hrtimers_.next_event();
  if (expiry) next = std::min(next, tick_.of(*expiry));
  shared_.engine.cancel(timer_event_);
  if (next != Instant::never()) {
    shared_.engine.schedule(timer_event_, std::max(next, shared_.engine.now()), Rank::timers());
  }
}

void IdealHost::transmit(Packet& packet) {
  shared_.hear(packet, DeviceKind::kIdeal, Way::kOut);
  link_->send(side_, packet);
}

void IdealHost::on_frame(Packet& packet) {
  enter();
  shared_.hear(packet, DeviceKind::kIdeal, Way::kIn);
  shared_.engine.moment().cause = packet.cause;
  if (!is_ipv6(packet.destination_address) && packet.destination_address != config_.address) {
    trace().emit(KfreeSkb{packet.id, DropReason::kOtherHost});
    return packets().give_back(packet);
  }
  packet.is_for_tcp() ? tcp_.receive(packet) : udp_.receive(packet, 0);
  settle();
}

// Linux: kernel/time/timer.c run_timer_softirq(), kernel/time/hrtimer.c hrtimer_run_softirq(), without the softirqs
void IdealHost::on_timer() {
  enter();
  hrtimers_.run_expired(shared_.engine.now());
  wheel_.run_expired(tick_.at(shared_.engine.now()));
  settle();
}

}  // namespace stackscope
