// The options of a UDP socket.
//
// Linux:   net/core/sock.c sk_setsockopt(), sk_getsockopt(); net/ipv4/udp.c udp_lib_setsockopt(), udp_lib_getsockopt();
//          net/ipv4/ip_sockglue.c do_ip_setsockopt(), do_ip_getsockopt()
// Differs: SO_PEEK_OFF, UDP_ENCAP, UDP_NO_CHECK6_TX and memberships in multicast groups are −ENOPROTOOPT.

#include <algorithm>
#include <climits>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "kernel_model/files/socket_option_table.hpp"
#include "kernel_model/files/udp_socket_file.hpp"
#include "kernel_model/net/environment.hpp"

namespace stackscope {

namespace {

bool has_level(const UdpSocket& socket, int level) {
  return level == SOL_SOCKET || level == IPPROTO_IP || level == IPPROTO_UDP ||
         (level == IPPROTO_IPV6 && socket.is_ipv6());
}

/// Best effort, bulk, interactive, interactive bulk: by the two bits for throughput and delay. Linux: rt_tos2priority()
constexpr int priority_of(int tos) {
  constexpr int kPriorities[] = {0, 2, 6, 4};
  return kPriorities[tos >> 3 & 3];
}

}  // namespace

// --- setting ---------------------------------------------------------------------------------------------------------

int UdpSocketFile::set_option(int level, int option, std::span<const std::byte> value) {
  charge(costs_.option);
  if (!has_level(*udp_, level)) return -ENOPROTOOPT;
  int error = 0;
  const int number =
      option_number(value, level == IPPROTO_IP ? OptionLength::kByteOrInt : OptionLength::kWholeInt, error);
  if (error != 0) return error;
  int result = 1;
  if (level == SOL_SOCKET)
    result = set_structured_option(udp_->option_holder(), option, value, udp_->env().tick().hz().value);
  return result == 1 ? set_number(level, option, number) : result;
}

int UdpSocketFile::set_number(int level, int option, int value) {
  int result = 1;
  if (level == SOL_SOCKET) result = set_socket_number(option, value);
  if (level == IPPROTO_IP) result = set_ip_number(option, value);
  if (level == IPPROTO_IPV6 && option == IPV6_V6ONLY) {
    if (udp_->local().port != 0) return -EINVAL;
    return udp_->option_holder().change().v6only = value != 0, 0;
  }
  if (result == 1) result = set_plain_option(udp_->option_holder(), level, option, value);
  if (result == 0 && level == IPPROTO_UDP && option == UDP_CORK && value == 0) udp_->push_pending();
  const bool is_recverr =
      (level == IPPROTO_IP && option == IP_RECVERR) || (level == IPPROTO_IPV6 && option == IPV6_RECVERR);
  if (result == 0 && is_recverr && value == 0) udp_->purge_errors();
  return result == 1 ? -ENOPROTOOPT : result;
}

int UdpSocketFile::set_socket_number(int option, int value) {
  switch (option) {
    case SO_REUSEADDR:
      return udp_->reuse_address = value != 0, 0;
    case SO_REUSEPORT:
      return udp_->reuse_port = value != 0, 0;
    case SO_RCVBUF:
    case SO_RCVBUFFORCE:
      return udp_->set_rcvbuf(value, option == SO_RCVBUFFORCE), 0;
    case SO_SNDBUF:
    case SO_SNDBUFFORCE:
      return udp_->set_sndbuf(value, option == SO_SNDBUFFORCE), 0;
    case SO_RCVLOWAT:
      udp_->option_holder().change().rcvlowat = value < 0 ? INT_MAX : std::max(value, 1);
      return 0;
    case SO_PASSCRED:
    case SO_PASSSEC:
      return -EOPNOTSUPP;
    default:
      return 1;
  }
}

int UdpSocketFile::set_ip_number(int option, int value) {
  SocketOptions& options = udp_->option_holder().change();
  switch (option) {
    case IP_TOS:
      options.tos = value & 0xff;
      options.priority = priority_of(options.tos);
      return 0;
    case IP_MULTICAST_TTL:
      if (value < -1 || value > 255) return -EINVAL;
      return options.multicast_ttl = value == -1 ? 1 : value, 0;
    default:
      return 1;
  }
}

// --- getting ---------------------------------------------------------------------------------------------------------

int UdpSocketFile::get_option(int level, int option, std::span<std::byte> room, std::size_t& length) {
  charge(costs_.option);
  int result = 1;
  if (level == SOL_SOCKET)
    result =
        get_structured_option(udp_->option_holder(), option, room, length, udp_->env().tick().hz().value);
  if (level == SOL_SOCKET && option == SO_COOKIE) {
    const std::uint64_t cookie = udp_->id().value;
    result = room.size() < sizeof cookie ? -EINVAL : answer_option(&cookie, sizeof cookie, room, length);
  }
  if (int value = 0; result == 1) {
    result = get_number(level, option, value);
    if (result == 0) answer_option(value, room, length);
  }
  return result;
}

int UdpSocketFile::get_number(int level, int option, int& value) {
  if (!has_level(*udp_, level)) return udp_->is_ipv6() ? -ENOPROTOOPT : -EOPNOTSUPP;
  int result = 1;
  if (level == SOL_SOCKET) result = get_socket_number(option, value);
  if (level == IPPROTO_IP) result = get_ip_number(option, value);
  if (level == IPPROTO_IPV6) result = get_ipv6_number(option, value);
  if (result == 1) result = get_plain_option(udp_->option_holder(), level, option, value);
  return result == 1 ? -ENOPROTOOPT : result;
}

int UdpSocketFile::get_socket_number(int option, int& value) {
  switch (option) {
    case SO_REUSEADDR:
      return value = udp_->reuse_address, 0;
    case SO_REUSEPORT:
      return value = udp_->reuse_port, 0;
    case SO_RCVBUF:
      return value = udp_->rcvbuf(), 0;
    case SO_SNDBUF:
      return value = udp_->sndbuf(), 0;
    case SO_ERROR:
      return value = udp_->take_error(), 0;
    case SO_TYPE:
      return value = SOCK_DGRAM, 0;
    case SO_DOMAIN:
      return value = udp_->is_ipv6() ? AF_INET6 : AF_INET, 0;
    case SO_PROTOCOL:
      return value = IPPROTO_UDP, 0;
    case SO_ACCEPTCONN:
    case SO_INCOMING_NAPI_ID:
      return value = 0, 0;
    case SO_RCVLOWAT:
      return value = udp_->options().rcvlowat, 0;
    case SO_SNDLOWAT:
      return value = 1, 0;
    case SO_PASSCRED:
    case SO_PASSSEC:
      return -EOPNOTSUPP;
    default:
      return 1;
  }
}

int UdpSocketFile::get_ip_number(int option, int& value) {
  switch (option) {
    case IP_TOS:
      return value = udp_->options().tos, 0;
    case IP_MULTICAST_TTL:
      return value = udp_->options().multicast_ttl, 0;
    case IP_MTU:
      return get_mtu(value);
    default:
      return 1;
  }
}

int UdpSocketFile::get_ipv6_number(int option, int& value) {
  switch (option) {
    case IPV6_V6ONLY:
      return value = udp_->options().v6only, 0;
    case IPV6_MTU:
      return get_mtu(value);
    default:
      return 1;
  }
}

int UdpSocketFile::get_mtu(int& value) {
  if (!udp_->is_connected()) return -ENOTCONN;
  const std::uint32_t peer = udp_->is_ipv6() ? udp_->ipv6_names().peer.address : udp_->peer().address;
  return value = static_cast<int>(udp_->env().route(peer).mtu), 0;
}

}  // namespace stackscope
