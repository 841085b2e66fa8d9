#pragma once
// What an address that a program gives means to a socket of the internet: IPv4, IPv6, and IPv4 in IPv6's clothes.
//
// Linux: net/ipv4/af_inet.c __inet_bind(); net/ipv4/tcp_ipv4.c tcp_v4_connect(); net/ipv6/af_inet6.c __inet6_bind(),
//        inet6_getname(); net/ipv6/tcp_ipv6.c tcp_v6_connect()

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

/// To bind a stream's socket to: 0, or −EINVAL, −EAFNOSUPPORT, −EADDRNOTAVAIL. `may_bind`: it is not bound yet; IPv4 looks
/// at that only later.
int name_to_bind(const SocketAddress& given, const SocketOptions& options, const NetEnvironment& env,
                 InternetName& name);
int ipv6_name_to_bind(const SocketAddress& given, bool may_bind, const SocketOptions& options,
                      const NetEnvironment& env, InternetName& name);

/// To connect a stream's socket to: 0, or −EINVAL, −EAFNOSUPPORT, −ENETUNREACH. `own`: what the socket is bound to.
int name_to_connect(const SocketAddress& given, const NetEnvironment& env, InternetName& name);
int ipv6_name_to_connect(const SocketAddress& given, Reach own, const NetEnvironment& env,
                         InternetName& name);

/// As a socket of the family tells it.
SocketAddress told_name(bool by_ipv6, std::uint32_t address, std::uint16_t port, Reach reach);

}  // namespace stackscope
