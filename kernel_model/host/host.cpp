#include "kernel_model/host/host.hpp"

#include <cassert>
#include <utility>

#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

Host::Host(const Shared& shared, HostConfig config, const Costs& costs)
    : shared_(shared),
      config_(std::move(config)),
      costs_(costs),
      announced_(announce(shared, config_)),
      tick_(config_.hz, config_.tick_phase),
      processors_(shared.engine, shared.trace, config_.ordinal, config_.cpus, tick_, costs.cpu),
      network_(shared, processors_, tick_, config_.sysctls, config_.netdev, costs, config_.name,
               config_.address),
      epolls_(processors_.scheduler(), costs.epoll),
      files_(processors_.scheduler(), costs.file, &release_watchers),
      processes_(processors_.scheduler(), files_) {}

// The parts that are built after it tell what they do at this host's place.
RecordId Host::announce(const Shared& shared, const HostConfig& config) {
  shared.engine.moment().place = Place{config.ordinal, Place::kNoCpu};
  shared.engine.moment().cause = {};
  return shared.trace.emit(HostStarted{shared.trace.intern(config.name), config.cpus,
                                       static_cast<std::uint16_t>(config.hz.value)});
}

Nic& Host::attach(Link& link, Link::Side side, const NicConfig& config) {
  const NicIdentity identity{QueueId{1}, Backlog::first_of_devices(config_.cpus), processors_.cpu(0)};
  nic_ = std::make_unique<Nic>(identity, link, side, network_.driver_services(), config);
  network_.set_nic(*nic_);
  return *nic_;
}

Process& Host::create_process() {
  Process& process = processes_.create();
  process.counters_at_start = network_.counters();
  return process;
}

Task& Host::create_thread(Process& process, TaskAttributes attributes, std::function<void()> body) {
  return processes_.create_thread(process, std::move(attributes), [this, body = std::move(body)] {
    scheduler().cpu().exit_to_user();
    body();
    scheduler().cpu().enter_kernel();
  });
}

std::uint32_t Host::address_of(std::string_view host) const {
  if (host == config_.name) return kLoopbackAddress;
  const auto found = shared_.addresses.find(host);
  assert(found != shared_.addresses.end() && "the scenario reader refuses unknown hosts");
  return found->second;
}

}  // namespace stackscope
