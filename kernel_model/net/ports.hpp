#pragma once
// Which ports are taken, by whom, and which one a new connection gets.
//
// Linux:   net/ipv4/inet_connection_sock.c inet_csk_get_port(), inet_csk_bind_conflict();
// net/ipv4/inet_hashtables.c
//          __inet_hash_connect(); the table `bhash`
// Differs: owners of a port are not told apart by address: binding 10.0.0.1:80 and 127.0.0.1:80 conflicts
// here. Sockets of
//          different users may share SO_REUSEPORT. A port in TIME_WAIT is never reused for the same peer
//          (tcp_tw_reuse).

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "sim/random.hpp"

namespace stackscope {

/// How a socket holds its port; two sockets conflict by this. Linux: struct inet_bind_bucket, sk_reuse,
/// sk_reuseport
struct PortClaim {
  bool reuse_address = false, reuse_port = false, listening = false;
  constexpr std::size_t index() const {
    return (reuse_address ? 1u : 0u) + (reuse_port ? 2u : 0u) + (listening ? 4u : 0u);
  }
  static constexpr PortClaim at(std::size_t i) { return {(i & 1) != 0, (i & 2) != 0, (i & 4) != 0}; }
  constexpr bool conflicts_with(const PortClaim& held) const {
    if (reuse_port && held.reuse_port) return false;
    return !(reuse_address && held.reuse_address && !held.listening && !listening);
  }
};

class Ports {
 public:
  explicit Ports(RandomStream& random);

  bool conflicts(std::uint16_t port, PortClaim claim) const;
  void claim(std::uint16_t port, PortClaim claim) { ++held_[port][claim.index()]; }
  void release(std::uint16_t port, PortClaim claim);

  /// A port for bind(…, 0): odd ones first, so that connect() finds the even ones. 0: none.
  std::uint16_t find_for_bind(const Sysctls& sysctls, PortClaim claim);
  /// A port for connect(): from an offset that depends on the destination, ports of the range's own parity
  /// first. `tuple.local_port` is not looked at. 0: none (EADDRNOTAVAIL).
  std::uint16_t find_for_connect(const Sysctls& sysctls, FourTuple tuple, const ConnectionTable& table);

 private:
  RandomStream& random_;
  std::uint64_t secret_;
  std::map<std::uint16_t, std::array<std::uint32_t, 8>> held_;  // by port: how many claims of each kind
  std::array<std::uint32_t, 256>
      perturb_{};  // table_perturb: where the last search for such a destination ended
};

}  // namespace stackscope
