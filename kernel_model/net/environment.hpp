#pragma once
// What TCP needs of the host that it runs on. A full host has CPUs that take time; an ideal host has none,
// and every charge is free there.

#include <cstdint>

#include "kernel_model/costs/cost.hpp"
#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/net/packet.hpp"
#include "sim/engine.hpp"
#include "sim/random.hpp"

namespace stackscope {

class Trace;
class Hrtimer;
class TimerWheel;
class Tick;
class StreamStore;
class NetCounters;
struct Sysctls;
struct TcpCosts;

/// The way to an address. Linux: struct rtable, struct dst_entry
struct Route {
  std::uint32_t source_address = 0;  // which of the host's addresses a packet that goes there carries
  std::uint32_t mtu = 1500;          // bytes of IP; loopback 65535
  DeviceKind device = DeviceKind::kNic;
  std::uint32_t headers = 40;  // bytes of IP's and TCP's, without options
};

class NetEnvironment {
 public:
  virtual ~NetEnvironment() = default;

  /// Time passes on the CPU that runs this code; nothing on an ideal host. Other CPUs may run meanwhile.
  virtual void charge(Duration cost) = 0;
  virtual void charge(const Cost& cost) = 0;

  /// Bottom-half protection and spinlocks; nothing on an ideal host. Linux: local_bh_disable(), spin_lock().
  /// Leaving the outermost bottom-half section runs pending softirqs at once: that is when loopback receives.
  virtual void bh_disable() = 0;
  virtual void bh_enable() = 0;
  virtual void lock(SpinLock& lock) = 0;
  virtual void unlock(SpinLock& lock) = 0;

  /// Hands a finished segment to IP: loopback's backlog, a NIC, or an ideal host's link. Takes the packet
  /// over. Linux: net/ipv4/ip_output.c __ip_queue_xmit()
  virtual void transmit(Packet& packet) = 0;

  /// REQUIRES: the address belongs to a host that can be reached. Linux: ip_route_output_flow()
  virtual Route route(std::uint32_t destination) const = 0;

  /// Whether a socket may be bound to the address, and whether a packet can be sent to one. Here: any.
  virtual bool is_local(std::uint32_t) const { return true; }
  virtual bool can_reach(std::uint32_t) const { return true; }

  /// The timer wheel of the CPU that runs this code, and the host's tick.
  virtual TimerWheel& timer_wheel() = 0;
  virtual const Tick& tick() const = 0;
  /// A high-resolution timer that fires in softirq context on this CPU. It is taken off its queue by cancel() or its end.
  /// Linux: hrtimer_start_range_ns() with HRTIMER_MODE_REL_PINNED_SOFT
  virtual void start_soft(Hrtimer& timer, Instant soft, Duration slack) = 0;

  virtual Engine& engine() = 0;
  virtual Trace& trace() = 0;
  virtual PacketPool& packets() = 0;
  virtual StreamStore& streams() = 0;
  virtual NetCounters& counters() = 0;
  virtual const Sysctls& sysctls() const = 0;
  virtual const TcpCosts& tcp_costs() const = 0;
  virtual RandomStream& random() = 0;  // initial sequence numbers, ports, hash secrets
};

}  // namespace stackscope
