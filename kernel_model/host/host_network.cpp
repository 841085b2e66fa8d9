#include "kernel_model/host/host_network.hpp"

#include <algorithm>
#include <string>

#include "kernel_model/softirq/dev.hpp"

namespace stackscope {

HostNetwork::HostNetwork(const Shared& shared, Processors& processors, const Tick& tick,
                         const Sysctls& sysctls, const NetdevLimits& limits, const Costs& costs,
                         std::string_view name, std::uint32_t address)
    : shared_(shared),
      processors_(processors),
      tick_(tick),
      sysctls_(sysctls),
      costs_(costs),
      address_(address),
      random_(shared.seed, "tcp " + std::string(name)),
      net_rx_(processors.softirqs(), tick, processors.count(), limits, costs.device),
      net_tx_(processors.softirqs(), processors.count(), costs.device),
      backlog_(net_rx_, processors.count(), *this, shared.packets),
      loopback_(backlog_, costs.device),
      tcp_(*this),
      udp_(*this, costs.udp, RandomStream(shared.seed, "udp " + std::string(name))) {}

// To many it goes by the device of its source. Linux: ip_route_output_key_hash_rcu()
void HostNetwork::transmit(Packet& packet) {
  const bool is_to_many = packet.destination_address >> 28 >= 14;
  const bool is_ours = is_to_many ? packet.source_address != address_ : is_own(packet.destination_address);
  const bool loops = nic_ == nullptr || packet.loops || is_ours;
  NetDevice& device = loops ? static_cast<NetDevice&>(loopback_) : *nic_;
  dev_queue_xmit(cpu(), device, packet, costs_.device);
}

Route HostNetwork::route(std::uint32_t destination) const {
  if (is_ipv6(destination)) {
    if (is_own(destination)) return Route{destination, loopback_.mtu(), DeviceKind::kLoopback, 60};
    return Route{ipv6_beside(address_), nic_ != nullptr ? nic_->mtu() : 1500, DeviceKind::kNic, 60};
  }
  // An IP packet has at most 65,535 bytes, one less than loopback would take. All of 127/8 is spoken to from one address.
  const bool is_to_many = destination >> 28 >= 14;
  if (is_own(destination) || (is_to_many && nic_ == nullptr)) {
    const std::uint32_t source = destination == address_ ? address_ : kLoopbackAddress;  // fib_prefsrc
    return Route{source, std::min(loopback_.mtu(), 65535u), DeviceKind::kLoopback};
  }
  return Route{address_, nic_ != nullptr ? nic_->mtu() : 1500, DeviceKind::kNic};
}

/// Linux: net/ipv4/ip_input.c ip_protocol_deliver_rcu()
void HostNetwork::receive(Cpu& cpu, Packet& packet) {
  packet.is_for_tcp() ? tcp_.receive(packet) : udp_.receive(packet, cpu.number());
}

}  // namespace stackscope
