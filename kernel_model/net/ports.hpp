#pragma once
// Which ports are taken, by whom, and which one a new connection gets.
//
// Linux:   net/ipv4/inet_connection_sock.c inet_csk_get_port(), inet_csk_bind_conflict(), inet_bind_conflict();
//          net/ipv4/inet_hashtables.c __inet_hash_connect(); net/ipv4/inet_connection_sock.c
//          inet_rcv_saddr_equal(); the tables `bhash` and `bhash2`
// Differs: sockets of different users may share SO_REUSEPORT. The search for a port of connect() goes on where the last one ended,
//          without the random few ports further by which Linux makes the next one harder to guess.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/sysctls.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"
#include "sim/mutant.hpp"
#include "sim/random.hpp"

namespace stackscope {

/// How a socket holds its port; two sockets conflict by this. Linux: what inet_bind_conflict() looks at in a struct sock
struct PortClaim {
  std::uint32_t address = 0;  // the local one; 0: all of them
  bool reuse_address = false, reuse_port = false, listening = false;
  bool by_connect = false;  // connect() chose the port; Linux: SOCK_CONNECT_BIND
  Reach reach = Reach::kIpv4;

  constexpr bool operator==(const PortClaim&) const = default;
  /// There are packets that both would take. Linux: inet_rcv_saddr_equal()
  constexpr bool overlaps(const PortClaim& held) const {
    if (!have_common(reach, held.reach)) return false;
    return address == 0 || held.address == 0 || address == held.address;
  }
  /// Of a socket that names its port. Linux: inet_bind_conflict(), relaxed
  constexpr bool conflicts_with(const PortClaim& held) const {
    if (!overlaps(held)) return false;
    if (reuse_address && held.reuse_address && (!held.listening || MUTANT("a listener's port is free")))
      return false;
    return !(reuse_port && held.reuse_port);
  }
};

/// What connect() and bind() to port 0 choose from, both ends included.
struct PortRange {
  std::uint16_t first, last;
  bool is_own;  // the socket's. Linux: IP_LOCAL_PORT_RANGE
};

/// The host's, or what of it `own` says (the first port, and 65,536 times the last; 0 is the host's), each end where it lies within
/// the host's. Linux: inet_sk_get_local_port_range()
PortRange local_port_range(const Sysctls& sysctls, int own);

class Ports {
 public:
  explicit Ports(RandomStream& random);

  bool conflicts(std::uint16_t port, const PortClaim& claim) const;
  void claim(std::uint16_t port, const PortClaim& claim);
  void release(std::uint16_t port, const PortClaim& claim);

  /// A port for bind(…, 0), which shares with nobody: odd ones first, so that connect() finds the even ones; with SO_REUSEADDR
  /// first from the range's lower half. 0: none.
  /// Linux: inet_csk_find_open_port()
  std::uint16_t find_for_bind(PortRange range, const PortClaim& claim);
  /// A port for connect(): from an offset that depends on the destination, and of the host's range those of its own parity
  /// first. One that only connections hold serves other peers, too: `is_unique` says so of the four numbers.
  /// `tuple.local_port` is not looked at. 0: none (EADDRNOTAVAIL).
  std::uint16_t find_for_connect(PortRange range, FourTuple tuple,
                                 const std::function<bool(const FourTuple&)>& is_unique);

 private:
  struct Holders {
    PortClaim claim;
    std::uint32_t count;
  };
  std::uint16_t find_odd_first(PortRange range, const PortClaim& claim);
  bool is_free_for_connect(std::uint16_t port) const;
  bool is_free(std::uint16_t port, const PortClaim& claim) const;

  RandomStream& random_;
  std::uint64_t secret_;
  std::map<std::uint16_t, std::vector<Holders>> held_;  // each claim once
  std::array<std::uint32_t, 256>
      perturb_{};  // table_perturb: where the last search for such a destination ended
};

}  // namespace stackscope
