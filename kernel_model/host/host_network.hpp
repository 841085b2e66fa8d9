#pragma once
// The network of a full host: what TCP and UDP ask of it, on CPUs that take time.
//
// Linux:   net/ipv4/route.c, net/ipv4/ip_output.c ip_finish_output2()
// Differs: one route a destination: loopback for the host's own addresses, its one NIC for all others, of IPv6 too.

#include "kernel_model/costs/costs.hpp"
#include "kernel_model/hardware/loopback.hpp"
#include "kernel_model/hardware/nic.hpp"
#include "kernel_model/host/processors.hpp"
#include "kernel_model/host/shared.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/softirq/backlog.hpp"
#include "kernel_model/softirq/napi.hpp"

namespace stackscope {

class HostNetwork final : public NetEnvironment, private PacketReceiver {
 public:
  /// All references must outlive this. `name` names the host's random streams.
  HostNetwork(const Shared& shared, Processors& processors, const Tick& tick, const Sysctls& sysctls,
              const NetdevLimits& limits, const Costs& costs, std::string_view name, std::uint32_t address);

  TcpStack& tcp() { return tcp_; }
  UdpStack& udp() { return udp_; }
  Backlog& backlog() { return backlog_; }
  const NetRx& net_rx() const { return net_rx_; }
  /// What a NIC's driver needs.
  DriverServices driver_services() { return DriverServices{net_rx_, net_tx_, *this, shared_.packets}; }
  /// Everything that is not for this host goes there.
  void set_nic(NetDevice& nic) { nic_ = &nic; }

  void charge(Duration cost) override { cpu().charge(cost); }
  void charge(const Cost& cost) override { cpu().charge(cost); }
  using NetEnvironment::charge;
  void bh_disable() override { cpu().bh_disable(); }
  void bh_enable() override { cpu().bh_enable(); }
  void lock(SpinLock& lock) override { lock.lock(cpu()); }
  void unlock(SpinLock& lock) override { lock.unlock(cpu()); }
  void transmit(Packet& packet) override;
  Route route(std::uint32_t destination) const override;
  bool is_local(std::uint32_t address) const override { return is_own(address); }
  bool can_reach(std::uint32_t address) const override { return is_own(address) || nic_ != nullptr; }
  TimerWheel& timer_wheel() override { return processors_.scheduler().local_timer().wheel(); }
  void start_soft(Hrtimer& timer, Instant soft, Duration slack) override {
    processors_.scheduler().local_timer().start_soft(timer, soft, slack);
  }
  const Tick& tick() const override { return tick_; }
  Engine& engine() override { return shared_.engine; }
  Trace& trace() override { return shared_.trace; }
  PacketPool& packets() override { return shared_.packets; }
  StreamStore& streams() override { return shared_.streams; }
  NetCounters& counters() override { return counters_; }
  const Sysctls& sysctls() const override { return sysctls_; }
  const TcpCosts& tcp_costs() const override { return costs_.tcp; }
  RandomStream& random() override { return random_; }

 private:
  void receive(Cpu& cpu, Packet& packet) override;
  void tap(const Packet& packet, DeviceKind device, Way way) override { shared_.hear(packet, device, way); }
  bool is_own(std::uint32_t address) const {
    const bool is_of_nic = address == ipv6_beside(address_) && nic_ != nullptr;
    return address == address_ || (address >> 24) == 127 || address == kIpv6Loopback || is_of_nic;
  }
  Cpu& cpu() { return processors_.scheduler().cpu(); }

  Shared shared_;
  Processors& processors_;
  const Tick& tick_;
  const Sysctls& sysctls_;
  const Costs& costs_;
  std::uint32_t address_;
  RandomStream random_;
  NetCounters counters_;
  NetRx net_rx_;
  NetTx net_tx_;
  Backlog backlog_;
  Loopback loopback_;
  NetDevice* nic_ = nullptr;
  TcpStack tcp_;
  UdpStack udp_;
};

}  // namespace stackscope
