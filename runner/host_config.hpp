#pragma once
// From what a scenario says to what the model's parts are built with.

#include "kernel_model/hardware/nic.hpp"
#include "kernel_model/host/host.hpp"
#include "kernel_model/host/ideal_host.hpp"
#include "runner/scenario/scenario.hpp"

namespace stackscope {

/// Hosts and peers are 10.0.0.1, 10.0.0.2 … in the order of the scenario; host byte order.
constexpr std::uint32_t address_of_ordinal(std::uint8_t ordinal) { return 0x0a000000u + ordinal; }

HostConfig host_config(const HostSpec& spec, std::uint8_t ordinal, std::uint32_t address);
PeerConfig peer_config(const PeerSpec& spec, std::uint8_t ordinal, std::uint32_t address);
NicConfig nic_config(const HostSpec& host, const LinkSpec& link);
LinkConfig link_config(const LinkSpec& spec);
std::uint32_t mtu_of(const LinkSpec& spec);

}  // namespace stackscope
