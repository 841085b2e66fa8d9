#pragma once
// UDP of one host: its sockets, the ports they hold, who a datagram is for, and what is answered where nobody is there.
//
// Linux:   net/ipv4/udp.c __udp4_lib_rcv(), __udp4_lib_lookup(), udp4_lib_lookup2(), udp_lib_get_port(),
//          __udp4_lib_mcast_deliver(), __udp4_lib_err(); net/ipv6/udp.c udpv6_rcv(), __udp6_lib_lookup(), udp6_lib_lookup2(),
//          udpv6_err(); net/core/sock_reuseport.c
// Differs: the table is one list a port; Linux hashes by port and by address and port. SO_INCOMING_CPU does not choose within a
//          group, and
//          sockets of different users may share SO_REUSEPORT.
// Differs: a NIC's network has no broadcast address of its own; without a source address, nothing goes to 255.255.255.255.

#include <map>
#include <memory>
#include <vector>

#include "kernel_model/net/connection_table.hpp"
#include "kernel_model/net/environment.hpp"
#include "kernel_model/net/icmp.hpp"
#include "kernel_model/net/udp_socket.hpp"

namespace stackscope {

class UdpStack {
 public:
  /// `env` and `costs` must outlive the stack. `random` chooses ports, and among sockets that share one.
  UdpStack(NetEnvironment& env, const UdpCosts& costs, RandomStream random);
  ~UdpStack();
  UdpStack(const UdpStack&) = delete;
  UdpStack& operator=(const UdpStack&) = delete;

  /// socket(…, SOCK_DGRAM), whose identity the host gives.
  UdpSocket& create(SocketId id);
  /// udp_rcv() or icmp_rcv() or their kin, in softirq context on a CPU of this number. Takes the packet.
  void receive(Packet& packet, int cpu);
  /// An ICMP message about a datagram of one of these sockets. Takes the packet. Linux: udp_err()
  void receive_error(Packet& packet, int cpu);

  NetEnvironment& env() const { return env_; }
  const UdpCosts& costs() const { return costs_; }
  std::uint32_t sockets() const { return static_cast<std::uint32_t>(sockets_.size()); }

  /// 127.255.255.255, 255.255.255.255. Linux: RTN_BROADCAST
  static constexpr bool is_broadcast(std::uint32_t address) {
    return address == 0x7fffffff || address == ~std::uint32_t{0};
  }
  /// A broadcast address or a multicast group.
  static constexpr bool is_to_many(std::uint32_t address) {
    return is_broadcast(address) || address >> 28 == 14;
  }

 private:
  friend class UdpSocket;

  /// The socket gets `port`, or a free one for 0. False where it is taken. Linux: udp_lib_get_port()
  bool take_port(UdpSocket& socket, std::uint16_t port);
  void let_port_go(UdpSocket& socket);
  /// Its address changed. Linux: udp_lib_rehash()
  void rehash(UdpSocket& socket);
  /// It is connected, and not in the table of connections yet. Linux: udp4_hash4(), udp_lib_hash4()
  void hash_connection(UdpSocket& socket);
  bool is_taken(const UdpSocket& socket, std::uint16_t port) const;
  std::uint16_t find_free_port(const UdpSocket& socket);
  void join_group(UdpSocket& socket);
  static void leave_group(UdpSocket& socket);

  UdpSocket* find(const FourTuple& tuple, int cpu) const;
  UdpSocket* find_connection(const FourTuple& tuple) const;
  UdpSocket* best_of(const FourTuple& tuple, std::uint32_t address, int cpu) const;
  UdpSocket* choose_of(const ReuseportGroup& group, const FourTuple& tuple) const;
  void deliver_to_all(Packet& packet, int cpu);
  UdpSocket* next_listener(const FourTuple& tuple, std::uint64_t before) const;
  void drop(Packet& packet);
  void forget(UdpSocket& socket);

  NetEnvironment& env_;
  const UdpCosts& costs_;
  RandomStream random_;
  std::uint64_t secret_;
  Icmp icmp_;
  std::map<SocketId, std::unique_ptr<UdpSocket>> sockets_;
  /// The sockets of a port. Linux: the port's chain, and those of its addresses
  struct Holders {
    std::vector<UdpSocket*> bound, found;  // in the order in which they came, and by place_
  };
  void put_in_place(UdpSocket& socket, bool is_last);

  std::map<std::uint16_t, Holders> ports_;
  std::uint64_t places_ = std::uint64_t{1} << 62;       // what comes next is found first
  std::uint64_t last_places_ = std::uint64_t{1} << 62;  // IPv6's with SO_REUSEPORT are found last
};

}  // namespace stackscope
