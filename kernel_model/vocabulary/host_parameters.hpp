#pragma once
// What can be set on hosts, peers and links. Sysctls carry the kernel's own names, units and defaults.

#include <span>

#include "kernel_model/vocabulary/parameter.hpp"

namespace stackscope {

/// `[host.NAME]`: a full machine, with CPUs, a scheduler, interrupts and costs.
std::span<const Parameter> host_parameters();
/// `[host.NAME.nic]`: the network card; no effect on loopback.
std::span<const Parameter> nic_parameters();
/// `[host.NAME.sysctl]`
std::span<const Parameter> sysctl_parameters();

/// `[peer.NAME]`: an ideal host: the same TCP and timers, but no CPU.
std::span<const Parameter> peer_parameters();
/// `[peer.NAME.sysctl]`: those of sysctl_parameters() that belong to TCP and sockets.
std::span<const Parameter> peer_sysctl_parameters();

/// `[link.NAME]`, besides `between`.
std::span<const Parameter> link_parameters();

/// net.core.netdev_budget_usecs as the kernel sees it: its default, two jiffies, depends on HZ.
///
/// Linux: net/core/hotdata.c net_hotdata
Duration netdev_budget_time(const Arguments& host, const Arguments& sysctl);

}  // namespace stackscope
