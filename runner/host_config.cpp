#include "runner/host_config.hpp"

#include "kernel_model/vocabulary/host_parameters.hpp"

namespace stackscope {

namespace {

std::array<std::int32_t, 3> triple(const Arguments& args, std::string_view name) {
  const auto& numbers = args.integers(name);
  return {static_cast<std::int32_t>(numbers[0]), static_cast<std::int32_t>(numbers[1]),
          static_cast<std::int32_t>(numbers[2])};
}

Sysctls sysctls_of(const Arguments& args) {
  Sysctls sysctls;
  sysctls.somaxconn = static_cast<std::int32_t>(args.integer("net.core.somaxconn"));
  sysctls.tcp_max_syn_backlog = static_cast<std::int32_t>(args.integer("net.ipv4.tcp_max_syn_backlog"));
  sysctls.tcp_syncookies = static_cast<std::uint8_t>(args.integer("net.ipv4.tcp_syncookies"));
  sysctls.tcp_abort_on_overflow = args.integer("net.ipv4.tcp_abort_on_overflow") != 0;
  sysctls.tcp_synack_retries = static_cast<std::uint8_t>(args.integer("net.ipv4.tcp_synack_retries"));
  sysctls.tcp_retries2 = static_cast<std::uint8_t>(args.integer("net.ipv4.tcp_retries2"));
  const auto& ports = args.integers("net.ipv4.ip_local_port_range");
  sysctls.ip_local_port_first = static_cast<std::uint16_t>(ports[0]);
  sysctls.ip_local_port_last = static_cast<std::uint16_t>(ports[1]);
  sysctls.tcp_fin_timeout_s = static_cast<std::uint32_t>(args.integer("net.ipv4.tcp_fin_timeout"));
  sysctls.tcp_tw_reuse = static_cast<std::uint8_t>(args.integer("net.ipv4.tcp_tw_reuse"));
  sysctls.tcp_tw_reuse_delay_ms = static_cast<std::uint32_t>(args.integer("net.ipv4.tcp_tw_reuse_delay"));
  sysctls.tcp_max_tw_buckets = static_cast<std::int32_t>(args.integer("net.ipv4.tcp_max_tw_buckets"));
  sysctls.tcp_rfc1337 = args.integer("net.ipv4.tcp_rfc1337") != 0;
  sysctls.tcp_rmem = triple(args, "net.ipv4.tcp_rmem");
  sysctls.tcp_wmem = triple(args, "net.ipv4.tcp_wmem");
  sysctls.tcp_timestamps = args.integer("net.ipv4.tcp_timestamps") != 0;
  sysctls.tcp_sack = args.integer("net.ipv4.tcp_sack") != 0;
  sysctls.tcp_dsack = args.integer("net.ipv4.tcp_dsack") != 0;
  sysctls.tcp_comp_sack_nr = static_cast<std::uint8_t>(args.integer("net.ipv4.tcp_comp_sack_nr"));
  sysctls.tcp_comp_sack_delay_ns =
      static_cast<std::uint32_t>(args.integer("net.ipv4.tcp_comp_sack_delay_ns"));
  sysctls.tcp_comp_sack_slack_ns =
      static_cast<std::uint32_t>(args.integer("net.ipv4.tcp_comp_sack_slack_ns"));
  sysctls.tcp_window_scaling = args.integer("net.ipv4.tcp_window_scaling") != 0;
  return sysctls;
}

Hz hz_of(const Arguments& own) { return Hz{static_cast<std::uint32_t>(own.integer("hz"))}; }

/// The grid of ticks repeats itself every jiffy.
Duration phase_of(const Arguments& own) {
  return own.duration("tick_phase") % Duration::ns(1'000'000'000 / own.integer("hz"));
}

std::uint32_t number(const Arguments& args, std::string_view name) {
  return static_cast<std::uint32_t>(args.integer(name));
}

}  // namespace

HostConfig host_config(const HostSpec& spec, std::uint8_t ordinal, std::uint32_t address) {
  HostConfig config;
  config.name = spec.name;
  config.ordinal = ordinal;
  config.cpus = static_cast<std::uint8_t>(spec.own.integer("cpus"));
  config.hz = hz_of(spec.own);
  config.tick_phase = phase_of(spec.own);
  config.address = address;
  config.sysctls = sysctls_of(spec.sysctl);
  config.netdev.netdev_budget = number(spec.sysctl, "net.core.netdev_budget");
  config.netdev.netdev_budget_usecs = netdev_budget_time(spec.own, spec.sysctl);
  config.netdev.netdev_max_backlog = number(spec.sysctl, "net.core.netdev_max_backlog");
  config.netdev.dev_weight = number(spec.sysctl, "net.core.dev_weight");
  return config;
}

PeerConfig peer_config(const PeerSpec& spec, std::uint8_t ordinal, std::uint32_t address) {
  PeerConfig config;
  config.name = spec.name;
  config.ordinal = ordinal;
  config.hz = hz_of(spec.own);
  config.tick_phase = phase_of(spec.own);
  config.address = address;
  config.sysctls = sysctls_of(spec.sysctl);
  return config;
}

NicConfig nic_config(const HostSpec& host, const LinkSpec& link) {
  NicConfig config;
  config.rx_ring = number(host.nic, "rx_ring");
  config.tx_ring = number(host.nic, "tx_ring");
  config.moderation.rx_usecs = Duration::us(host.nic.integer("rx_usecs"));
  config.moderation.rx_frames = number(host.nic, "rx_frames");
  config.napi_weight = number(host.nic, "napi_weight");
  config.mtu = mtu_of(link);
  return config;
}

LinkConfig link_config(const LinkSpec& spec) {
  return LinkConfig{spec.own.bits_per_second("rate"), spec.own.duration("delay"), number(spec.own, "queue"),
                    spec.own.duration("cut")};
}

std::uint32_t mtu_of(const LinkSpec& spec) { return number(spec.own, "mtu"); }

}  // namespace stackscope
