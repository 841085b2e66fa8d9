#include "kernel_model/files/internet_name.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace stackscope {

namespace {

constexpr socklen_t kLeastIpv6 = 24;  // SIN6_LEN_RFC2133: without the scope

/// A unicast address that a packet can be sent to. Linux: ip_route_connect()
bool is_unicast(std::uint32_t address) { return address >> 28 != 14 && address != ~std::uint32_t{0}; }

bool may_have(std::uint32_t local, const SocketOptions& options, const NetEnvironment& env) {
  const bool may_be_foreign = options.freebind != 0 || options.transparent != 0;
  const bool is_own = is_unicast(local) && !is_ipv6(local) && env.is_local(local);
  return local == INADDR_ANY || is_own || !is_unicast(local) || may_be_foreign;
}

std::uint32_t mapped_ipv4(const in6_addr& address) { return ntohl(address.s6_addr32[3]); }
bool is_loopback(const in6_addr& address) { return IN6_IS_ADDR_LOOPBACK(&address); }
bool needs_scope(const in6_addr& address) {
  return IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MC_NODELOCAL(&address) ||
         IN6_IS_ADDR_MC_LINKLOCAL(&address);
}
bool is_any(const in6_addr& address) { return IN6_IS_ADDR_UNSPECIFIED(&address); }

constexpr std::uint8_t kOurPrefix[] = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};  // fd00::/104

/// The model's number for an address; 0 where no host can have it.
std::uint32_t number_of(const in6_addr& address) {
  if (is_loopback(address)) return kIpv6Loopback;
  if (std::memcmp(address.s6_addr, kOurPrefix, sizeof kOurPrefix) != 0) return 0;
  const std::uint32_t number = ntohl(address.s6_addr32[3]);
  return number != kIpv6Loopback ? number : 0;
}
in6_addr address_of_number(std::uint32_t number) {
  if (number == kIpv6Loopback) return in6addr_loopback;
  in6_addr address{};
  std::memcpy(address.s6_addr, kOurPrefix, sizeof kOurPrefix);
  address.s6_addr32[3] = htonl(number);
  return address;
}

/// Where a packet for this address goes, "any" being this host itself; 0 where nowhere.
std::uint32_t reach_ipv6(const in6_addr& to, const NetEnvironment& env) {
  const std::uint32_t number = is_any(to) ? kIpv6Loopback : number_of(to);
  return number != 0 && env.can_reach(number) ? number : 0;
}

int reach_ipv4(std::uint32_t to, const NetEnvironment& env, InternetName& name) {
  if (!is_unicast(to)) return -ENETUNREACH;
  if (to == INADDR_ANY) to = INADDR_LOOPBACK;
  if (is_ipv6(to) || !env.can_reach(to)) return -ENETUNREACH;
  name.address = to, name.reach = Reach::kIpv4;
  return 0;
}

}  // namespace

// --- bind ------------------------------------------------------------------------------------------------------------

int name_to_bind(const SocketAddress& given, const SocketOptions& options, const NetEnvironment& env,
                 InternetName& name) {
  if (given.length() < sizeof(sockaddr_in)) return -EINVAL;
  const bool is_any_family = given.family() == AF_UNSPEC;
  if (given.family() != AF_INET && !is_any_family) return -EAFNOSUPPORT;
  sockaddr_in wanted{};
  std::memcpy(&wanted, given.data(), sizeof wanted);
  name.address = ntohl(wanted.sin_addr.s_addr), name.port = ntohs(wanted.sin_port);
  if (is_any_family && name.address != INADDR_ANY) return -EAFNOSUPPORT;
  return may_have(name.address, options, env) ? 0 : -EADDRNOTAVAIL;
}

int ipv6_name_to_bind(const SocketAddress& given, bool is_stream, bool may_bind, const SocketOptions& options,
                      const NetEnvironment& env, InternetName& name) {
  if (given.length() < kLeastIpv6) return -EINVAL;
  if (given.family() != AF_INET6) return -EAFNOSUPPORT;
  const in6_addr& address = given.ipv6_address();
  if (IN6_IS_ADDR_MULTICAST(&address) && is_stream) return -EINVAL;
  if (!may_bind) return -EINVAL;
  name.port = given.port();
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    if (options.v6only != 0) return -EINVAL;
    name.address = mapped_ipv4(address), name.reach = Reach::kIpv4;
    return may_have(name.address, options, env) ? 0 : -EADDRNOTAVAIL;
  }
  if (needs_scope(address)) return -EINVAL;  // of which interface?
  name.address = number_of(address);
  name.reach = is_any(address) && options.v6only == 0 ? Reach::kBoth : Reach::kIpv6;
  return is_any(address) || (name.address != 0 && env.is_local(name.address)) ? 0 : -EADDRNOTAVAIL;
}

// --- connect ---------------------------------------------------------------------------------------------------------

int name_to_connect(const SocketAddress& given, const NetEnvironment& env, InternetName& name) {
  if (given.length() < sizeof(sockaddr_in)) return -EINVAL;
  if (given.family() != AF_INET) return -EAFNOSUPPORT;
  name.port = given.port();
  return reach_ipv4(given.ipv4_address(), env, name);
}

int ipv6_name_to_connect(const SocketAddress& given, Reach own, const NetEnvironment& env,
                         InternetName& name) {
  if (given.length() < kLeastIpv6) return -EINVAL;
  if (given.family() != AF_INET6) return -EAFNOSUPPORT;
  const in6_addr& address = given.ipv6_address();
  name.port = given.port();
  const bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&address) || (is_any(address) && own == Reach::kIpv4);
  if (is_ipv4) {
    if (own == Reach::kIpv6) return -ENETUNREACH;
    return reach_ipv4(is_any(address) ? INADDR_LOOPBACK : mapped_ipv4(address), env, name);
  }
  if (IN6_IS_ADDR_LINKLOCAL(&address)) return -EINVAL;
  name.address = reach_ipv6(address, env), name.reach = Reach::kIpv6;
  return name.address != 0 ? 0 : -ENETUNREACH;
}

// --- datagrams -------------------------------------------------------------------------------------------------------

DatagramName ipv4_name_to_send_to(const SocketAddress& given) {
  sockaddr_in to{};
  std::memcpy(&to, given.data(), sizeof to);
  DatagramName name{DatagramName::Form::kIpv4, ntohl(to.sin_addr.s_addr), ntohs(to.sin_port), 0};
  if (to.sin_family != AF_INET && to.sin_family != AF_UNSPEC) name.error = -EAFNOSUPPORT;
  if (given.length() < sizeof to) name.error = -EINVAL;
  return name;
}

int ipv6_name_to_send_to(const SocketAddress& given, const NetEnvironment& env, DatagramName& name) {
  name = DatagramName{};
  if (given.length() < sizeof(sa_family_t)) return -EINVAL;
  if (given.family() == AF_UNSPEC) return 0;
  if (given.family() == AF_INET) {
    name = ipv4_name_to_send_to(given);
    return 0;
  }
  if (given.family() != AF_INET6 || given.length() < kLeastIpv6) return -EINVAL;
  const in6_addr& address = given.ipv6_address();
  const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&address);
  name.form = is_mapped ? DatagramName::Form::kIpv4 : DatagramName::Form::kIpv6;
  name.port = given.port();
  name.address = is_mapped ? mapped_ipv4(address) : is_any(address) ? 0 : reach_ipv6(address, env);
  if (!is_mapped && !is_any(address) && name.address == 0) name.error = -ENETUNREACH;
  return 0;
}

int ipv6_name_to_join(const SocketAddress& given, bool v6only, Ipv6Address own, const NetEnvironment& env,
                      DatagramName& name) {
  name = DatagramName{};
  name.form = DatagramName::Form::kIpv4;
  if (given.family() == AF_INET) {
    if (v6only) return -EAFNOSUPPORT;
    name = ipv4_name_to_send_to(given);
    return name.error;
  }
  if (given.length() < kLeastIpv6) return -EINVAL;
  if (given.family() != AF_INET6) return -EAFNOSUPPORT;
  const in6_addr& address = given.ipv6_address();
  name.port = given.port();
  if (IN6_IS_ADDR_V4MAPPED(&address) || (is_any(address) && own.is_mapped)) {
    name.address = is_any(address) ? INADDR_LOOPBACK : mapped_ipv4(address);
    return v6only ? -ENETUNREACH : 0;
  }
  if (needs_scope(address)) return -EINVAL;
  name.form = DatagramName::Form::kIpv6, name.address = reach_ipv6(address, env);
  return name.address != 0 ? 0 : -ENETUNREACH;
}

// --- names -----------------------------------------------------------------------------------------------------------

SocketAddress told_name(bool by_ipv6, std::uint32_t address, std::uint16_t port, Reach reach) {
  if (!by_ipv6) return SocketAddress::ipv4(address, port);
  in6_addr told{};
  if (is_ipv6(address)) told = address_of_number(address);
  if (!is_ipv6(address) && (address != 0 || reach == Reach::kIpv4)) {
    told.s6_addr[10] = told.s6_addr[11] = 0xff;
    told.s6_addr32[3] = htonl(address);
  }
  return SocketAddress::ipv6(told, port);
}

}  // namespace stackscope
