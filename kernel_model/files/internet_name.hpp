#pragma once
// What an address that a program gives means to a socket of the internet: IPv4, IPv6, and IPv4 in IPv6's clothes.
//
// Linux: net/ipv4/af_inet.c __inet_bind(); net/ipv4/tcp_ipv4.c tcp_v4_connect(); net/ipv6/af_inet6.c __inet6_bind(),
//        inet6_getname(); net/ipv6/tcp_ipv6.c tcp_v6_connect(); net/ipv6/datagram.c __ip6_datagram_connect();
//        net/ipv4/udp.c udp_sendmsg(); net/ipv6/udp.c udpv6_sendmsg()
// Differs: no socket is bound to an IPv6 multicast group (−EADDRNOTAVAIL), nor by IP_FREEBIND to a foreign IPv6 address.

#include "kernel_model/net/environment.hpp"
#include "kernel_model/net/socket_options.hpp"
#include "kernel_model/vocabulary/internet_address.hpp"
#include "kernel_model/vocabulary/socket_address.hpp"

namespace stackscope {

struct InternetName {
  std::uint32_t address = 0;  // 0: all of the host's
  std::uint16_t port = 0;
  Reach reach = Reach::kIpv4;  // kBoth: of an unspecified IPv6 address
};

/// To bind a socket to: 0, or −EINVAL, −EAFNOSUPPORT, −EADDRNOTAVAIL. `may_bind`: it is not bound yet; IPv4 looks
/// at that only later.
int name_to_bind(const SocketAddress& given, const SocketOptions& options, const NetEnvironment& env,
                 InternetName& name);
int ipv6_name_to_bind(const SocketAddress& given, bool is_stream, bool may_bind, const SocketOptions& options,
                      const NetEnvironment& env, InternetName& name);

/// Where a datagram goes, as an IPv6 socket takes it: an address of IPv4, by IPv6 or not, or one of IPv6.
struct DatagramName {
  enum class Form : std::uint8_t { kNone, kIpv4, kIpv6 };
  Form form = Form::kNone;
  std::uint32_t address = 0;  // of IPv6: a host's, or 0 for ::
  std::uint16_t port = 0;
  int error = 0;  // told when the address is looked at: −EINVAL, −EAFNOSUPPORT, −ENETUNREACH
};
/// −EINVAL where it is no address at all. Linux: udpv6_sendmsg()
int ipv6_name_to_send_to(const SocketAddress& given, const NetEnvironment& env, DatagramName& name);
/// 0, or −EINVAL, −EAFNOSUPPORT, −ENETUNREACH, in Linux's order. `own`: what the socket is bound to. IPv4's reachability is
/// for the caller to see. Linux: __ip6_datagram_connect()
int ipv6_name_to_join(const SocketAddress& given, bool v6only, Ipv6Address own, const NetEnvironment& env,
                      DatagramName& name);
/// As datagrams of IPv4 are given theirs. An address of no family is taken for one of IPv4. Linux: udp_sendmsg()
DatagramName ipv4_name_to_send_to(const SocketAddress& given);

/// To connect a stream's socket to: 0, or −EINVAL, −EAFNOSUPPORT, −ENETUNREACH. `own`: what the socket is bound to.
int name_to_connect(const SocketAddress& given, const NetEnvironment& env, InternetName& name);
int ipv6_name_to_connect(const SocketAddress& given, Reach own, const NetEnvironment& env,
                         InternetName& name);

/// As a socket of the family tells it.
SocketAddress told_name(bool by_ipv6, std::uint32_t address, std::uint16_t port, Reach reach);
inline SocketAddress told_name(Ipv6Address address, std::uint16_t port) {
  return told_name(true, address.address, port, address.is_mapped ? Reach::kIpv4 : Reach::kIpv6);
}

}  // namespace stackscope
