#pragma once
// An ideal host: the same TCP, but no CPU, no scheduler, no costs. It runs crowd programs, so that tens of thousands of
// clients are cheap.
//
// Invariant: nothing calls a program from inside TCP: what TCP tells is queued, and told to the program when TCP has
//            returned, in order, at the same instant.
// Differs:   everything it does takes no time. Who could notice: whoever wants a client's own latency; use a full host.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/costs/udp_costs.hpp"
#include "kernel_model/hardware/link.hpp"
#include "kernel_model/host/shared.hpp"
#include "kernel_model/net/counters.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "kernel_model/net/tcp_stack.hpp"
#include "kernel_model/net/udp_stack.hpp"
#include "kernel_model/timers/hrtimer.hpp"
#include "kernel_model/timers/timer_wheel.hpp"

namespace stackscope {

class CrowdProgram;
class CrowdRun;

struct PeerConfig {
  std::string name;
  std::uint8_t ordinal = 1;
  Hz hz;
  Duration tick_phase;
  std::uint32_t address = 0;  // host byte order
  std::uint32_t mtu = 1500;   // of its link
  Sysctls sysctls;
};

class IdealHost final : public NetEnvironment, private LinkEnd {
 public:
  IdealHost(const Shared& shared, PeerConfig config);
  ~IdealHost() override;
  IdealHost(const IdealHost&) = delete;
  IdealHost& operator=(const IdealHost&) = delete;

  const PeerConfig& config() const { return config_; }
  TcpStack& tcp() { return tcp_; }
  const Shared& shared() const { return shared_; }

  void attach(Link& link, Link::Side side);
  /// The program starts at `start`. Both live as long as the host.
  CrowdRun& run(std::unique_ptr<CrowdProgram> program, Instant start);

  /// Everything that this host does happens between these two: at its place, and with what TCP told passed on and
  /// the timers programmed at the end.
  void enter();
  void settle();

  void charge(Duration) override {}
  void charge(const Cost&) override {}
  using NetEnvironment::charge;
  void bh_disable() override {}
  void bh_enable() override {}
  void lock(SpinLock&) override {}
  void unlock(SpinLock&) override {}
  void transmit(Packet& packet) override;
  Route route(std::uint32_t destination) const override;
  TimerWheel& timer_wheel() override { return wheel_; }
  void start_soft(Hrtimer& timer, Instant soft, Duration slack) override {
    hrtimers_.start(timer, soft, slack);
  }
  const Tick& tick() const override { return tick_; }
  Engine& engine() override { return shared_.engine; }
  Trace& trace() override { return shared_.trace; }
  PacketPool& packets() override { return shared_.packets; }
  StreamStore& streams() override { return shared_.streams; }
  NetCounters& counters() override { return counters_; }
  const Sysctls& sysctls() const override { return config_.sysctls; }
  const TcpCosts& tcp_costs() const override { return free_; }
  RandomStream& random() override { return random_; }

 private:
  void on_frame(Packet& packet) override;
  void on_timer();
  static RecordId announce(const Shared& shared, const PeerConfig& config);

  Shared shared_;
  PeerConfig config_;
  TcpCosts free_;
  UdpCosts free_udp_;
  RecordId announced_;
  Tick tick_;
  TimerWheel wheel_;
  HrtimerQueue hrtimers_;
  RandomStream random_;
  NetCounters counters_;
  Event timer_event_ = Event::calling<&IdealHost::on_timer>(*this);
  Link* link_ = nullptr;
  Link::Side side_ = Link::Side::kA;
  TcpStack tcp_;
  UdpStack udp_;  // has no sockets, and says so
  std::vector<std::unique_ptr<CrowdRun>> runs_;
};

}  // namespace stackscope
