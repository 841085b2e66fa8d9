// UDP and Unix sockets on loopback, and options of all.

#include <fmt/format.h>

#include "runner/fuzz/moves.hpp"
#include "runner/fuzz/socket_words.hpp"

namespace stackscope::fuzz {

using enum FuzzKind;

namespace {

constexpr std::string_view kNonblocking = "SOCK_NONBLOCK";

std::string_view blocking(const Maker& m) { return m.is_concurrent() ? "0" : kNonblocking; }

}  // namespace

std::string make_unix_pair(Maker& m) {
  std::string_view type = m.one_of({"SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"});
  const FuzzKind kind = type == "SOCK_STREAM" ? kUnixStream : kUnixDatagram;
  std::string fd = m.fresh(kind);
  const std::string other = m.fresh(kind);
  m.call(fmt::format("socketpair(AF_UNIX, {} | {}, 0)", type, blocking(m)), fd + ", " + other);
  return fd;
}

std::string make_tcp_listener(Maker& m) {
  std::string fd = m.fresh(kTcpListener);
  const bool is_ipv6 = by_ipv6(m);
  m.call(fmt::format("socket({}, SOCK_STREAM | {})", is_ipv6 ? "AF_INET6" : "AF_INET", blocking(m)), fd);
  if (m.chance(30)) m.call(fmt::format("setsockopt({}, SOL_SOCKET, SO_REUSEADDR, 1)", fd));
  if (is_ipv6) {
    m.call(fmt::format("bind({}, {})", fd, ipv6_address(m, {"0", "0", "4001"})));
  } else {
    m.call(fmt::format("bind({}, \"127.0.0.1:{}\")", fd, m.one_of({"0", "0", "4001"})));
  }
  m.call(fmt::format("listen({}, {})", fd, m.number({0, 1, 5, 128})));
  return fd;
}

std::string make_tcp_pair(Maker& m) {
  const std::string listener =
      m.has(kTcpListener) && m.chance(70) ? m.any({kTcpListener}) : make_tcp_listener(m);
  std::string client = m.fresh(kTcp);
  const std::string server = m.fresh(kTcp);
  m.call(fmt::format("socket({}, SOCK_STREAM | SOCK_NONBLOCK)", by_ipv6(m) ? "AF_INET6" : "AF_INET"), client);
  m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:1\")", client, listener));
  if (m.is_concurrent()) {
    m.call(fmt::format("fcntl({}, F_SETFL, 0)", client));
    return client;
  }
  m.call(fmt::format("accept4({}, SOCK_NONBLOCK)", listener), server);
  return client;
}

std::string make_udp(Maker& m) {
  std::string fd = m.fresh(kUdp);
  const bool is_ipv6 = by_ipv6(m);
  m.call(fmt::format("socket({}, SOCK_DGRAM | {})", is_ipv6 ? "AF_INET6" : "AF_INET", blocking(m)), fd);
  const std::string own = is_ipv6 ? ipv6_address(m, {"0", "4001", "4002"}) : fixed_address(m);
  if (m.chance(70)) m.call(fmt::format("bind({}, {})", fd, own));
  return fd;
}

namespace {

// --- Unix ------------------------------------------------------------------------------------------------------------

constexpr auto kUnix = {kUnixStream, kUnixDatagram};

void unix_send(Maker& m) { m.call(fmt::format("send({}, {}, {})", m.any(kUnix), data(m), send_flags(m))); }
void unix_receive(Maker& m) {
  m.call(fmt::format("recv({}, {}, {})", m.any(kUnix), count(m), receive_flags(m)));
}
void unix_rights(Maker& m) {
  m.call(fmt::format("sendfds({}, \"{}\", {{{}}})", m.any(kUnix), m.one_of({"", "f", "fds"}), m.any_fd()));
}
void unix_take_rights(Maker& m) {
  m.labelled("recvfds", fmt::format("recvfds({}, {})", m.any(kUnix), m.number({0, 1, 2, 10})));
}
void unix_plain(Maker& m) {
  m.chance(50) ? m.call(fmt::format("write({}, {})", m.any(kUnix), data(m)))
               : m.call(fmt::format("read({}, {})", m.any(kUnix), count(m)));
}
void unix_end(Maker& m) { end_one(m, kUnix); }
void unix_names(Maker& m) {
  m.call(fmt::format("{}({})", m.one_of({"getsockname", "getpeername"}), m.any(kUnix)));
}
void more_unix(Maker& m) {
  if (m.chance(10)) {
    return m.call(
        fmt::format("socketpair({}, {}, {})", m.one_of({"AF_UNIX", "AF_INET", "99"}),
                    m.one_of({"SOCK_STREAM", "SOCK_RAW", "SOCK_RDM", "99"}), m.one_of({"0", "1", "6", "99"})),
        m.fresh(kUnixStream) + ", " + m.fresh(kUnixStream));
  }
  make_unix_pair(m);
}

void unix_fill(Maker& m) {
  m.labelled("send",
             fmt::format("(function(n, e) repeat n, e = send({}, string.rep(\"f\", {}), MSG_DONTWAIT) "
                         "until not n return n, e end)()",
                         m.any(kUnix), m.number({100, 5000, 40000})));
}

constexpr Move kUnixMoves[] = {{1, unix_fill},   {7, unix_send},        {7, unix_receive},
                               {2, unix_rights}, {3, unix_take_rights}, {2, unix_plain},
                               {2, unix_end},    {1, unix_names},       {3, look},
                               {2, ask_socket},  {2, more_unix}};

// --- UDP -------------------------------------------------------------------------------------------------------------

constexpr auto kAnyUdp = {kUdp};

/// Mostly one of a few that are held; else one of every kind.
std::string udp_address(Maker& m) {
  if (m.chance(75)) return known_address(m);
  return fmt::format("\"{}:{}\"",
                     m.one_of({"0.0.0.0", "127.0.0.2", "127.0.0.2", "127.255.255.255", "127.255.255.255",
                               "255.255.255.255", "224.0.0.1", "192.0.2.1", "[::ffff:0.0.0.0]",
                               "[::ffff:127.255.255.255]", "[2001:db8::1]", "[ff02::1]"}),
                     m.one_of({"4001", "4002", "4001", "0"}));
}

void udp_send_to(Maker& m) {
  m.labelled("sendto",
             fmt::format("sendto({}, {}, {}, {})", m.any(kAnyUdp), data(m), send_flags(m), udp_address(m)));
}
void udp_send(Maker& m) { m.call(fmt::format("send({}, {}, {})", m.any(kAnyUdp), data(m), send_flags(m))); }
void udp_receive(Maker& m) {
  m.call(fmt::format("recvfrom({}, {}, {})", m.any(kAnyUdp), count(m), receive_flags(m)));
}
void udp_connect(Maker& m) {
  m.labelled("connect",
             fmt::format("connect({}, {})", m.any(kAnyUdp), m.chance(15) ? "nil" : udp_address(m)));
}
void udp_bind(Maker& m) { m.call(fmt::format("bind({}, {})", m.any(kAnyUdp), fixed_address(m))); }
void udp_end(Maker& m) { end_one(m, kAnyUdp); }
void udp_error(Maker& m) { m.call(fmt::format("getsockopt({}, SOL_SOCKET, SO_ERROR)", m.any(kAnyUdp))); }
void udp_names(Maker& m) {
  m.call(fmt::format("{}({})", m.one_of({"getsockname", "getpeername"}), m.any(kAnyUdp)));
}
void udp_large(Maker& m) {
  m.labelled("sendto", fmt::format("sendto({}, string.rep(\"x\", {}), MSG_DONTWAIT, {})", m.any(kAnyUdp),
                                   m.number({65507, 65508, 70000, 30000}), known_address(m)));
}
void udp_option(Maker& m) {
  const std::string_view which =
      m.one_of({"IPPROTO_UDP, UDP_CORK", "SOL_SOCKET, SO_BROADCAST", "SOL_SOCKET, SO_REUSEADDR",
                "SOL_SOCKET, SO_RCVBUF", "SOL_SOCKET, SO_SNDBUF", "IPPROTO_IP, IP_RECVERR",
                "IPPROTO_IP, IP_MTU_DISCOVER", "IPPROTO_IPV6, IPV6_RECVERR", "IPPROTO_IPV6, IPV6_V6ONLY",
                "SOL_SOCKET, SO_DONTROUTE"});
  m.call(fmt::format("setsockopt({}, {}, {})", m.any(kAnyUdp), which,
                     m.number({0, 0, 1, 1, 1, 2, 2304, 5000, -1})));
}
void udp_unsent(Maker& m) { m.call(fmt::format("ioctl({}, SIOCOUTQ)", m.any(kAnyUdp))); }
void more_udp(Maker& m) { make_udp(m); }

constexpr Move kUdpMoves[] = {{6, udp_send_to}, {4, udp_send},  {7, udp_receive}, {3, udp_connect},
                              {1, udp_bind},    {1, udp_end},   {2, udp_error},   {1, udp_names},
                              {1, udp_large},   {3, look},      {2, ask_socket},  {2, more_udp},
                              {2, udp_option},  {1, udp_unsent}};

// --- options ---------------------------------------------------------------------------------------------------------

constexpr auto kAnySocket = {kTcp, kTcpFresh, kTcpListener, kUdp, kUnixStream, kUnixDatagram};

std::string_view socket_option(Maker& m) {
  return m.one_of({"SOL_SOCKET, SO_REUSEADDR",
                   "SOL_SOCKET, SO_REUSEPORT",
                   "SOL_SOCKET, SO_RCVBUF",
                   "SOL_SOCKET, SO_SNDBUF",
                   "SOL_SOCKET, SO_KEEPALIVE",
                   "SOL_SOCKET, SO_RCVLOWAT",
                   "SOL_SOCKET, SO_BROADCAST",
                   "SOL_SOCKET, SO_OOBINLINE",
                   "SOL_SOCKET, SO_BUSY_POLL",
                   "SOL_SOCKET, SO_PRIORITY",
                   "SOL_SOCKET, SO_DONTROUTE",
                   "IPPROTO_TCP, TCP_NODELAY",
                   "IPPROTO_TCP, TCP_CORK",
                   "IPPROTO_TCP, TCP_QUICKACK",
                   "IPPROTO_TCP, TCP_DEFER_ACCEPT",
                   "IPPROTO_TCP, TCP_USER_TIMEOUT",
                   "IPPROTO_TCP, TCP_KEEPIDLE",
                   "IPPROTO_TCP, TCP_KEEPINTVL",
                   "IPPROTO_TCP, TCP_KEEPCNT",
                   "IPPROTO_TCP, TCP_SYNCNT",
                   "IPPROTO_TCP, TCP_LINGER2",
                   "IPPROTO_TCP, TCP_NOTSENT_LOWAT",
                   "IPPROTO_TCP, 999",
                   "IPPROTO_IPV6, IPV6_V6ONLY",
                   "IPPROTO_IPV6, IPV6_UNICAST_HOPS",
                   "IPPROTO_IPV6, IPV6_TCLASS",
                   "IPPROTO_IPV6, IPV6_RECVERR",
                   "SOL_SOCKET, 999"});
}
void set_option(Maker& m) {
  m.call(fmt::format("setsockopt({}, {}, {})", m.any(kAnySocket), socket_option(m),
                     m.number({0, 1, 2, 5, 100, 1000, 4096, 20000, 1000000, -1, 2147483647})));
}
void get_option(Maker& m) {
  const std::string_view read_only =
      m.one_of({"SOL_SOCKET, SO_TYPE", "SOL_SOCKET, SO_DOMAIN", "SOL_SOCKET, SO_PROTOCOL",
                "SOL_SOCKET, SO_ACCEPTCONN", "SOL_SOCKET, SO_ERROR", "SOL_SOCKET, SO_SNDLOWAT"});
  m.call(fmt::format("getsockopt({}, {})", m.any(kAnySocket), m.chance(70) ? socket_option(m) : read_only));
}
void linger(Maker& m) {
  if (m.chance(40)) return m.call(fmt::format("getsockopt({}, SOL_SOCKET, SO_LINGER)", m.any(kAnySocket)));
  m.call(fmt::format("setsockopt({}, SOL_SOCKET, SO_LINGER, {{{}, {}}})", m.any(kAnySocket), m.number({0, 1}),
                     m.number({0, 0, 1, 5, -1})));
}
void time_out(Maker& m) {
  const std::string_view which = m.one_of({"SO_RCVTIMEO", "SO_SNDTIMEO"});
  if (m.chance(40)) return m.call(fmt::format("getsockopt({}, SOL_SOCKET, {})", m.any(kAnySocket), which));
  m.call(fmt::format("setsockopt({}, SOL_SOCKET, {}, {})", m.any(kAnySocket), which,
                     m.one_of({"0", "ms(4)", "ms(40)", "s(3)"})));
}
void any_socket(Maker& m) {
  switch (m.between(0, 3)) {
    case 0:
      make_udp(m);
      return;
    case 1:
      make_unix_pair(m);
      return;
    case 2:
      make_tcp_pair(m);
      return;
    default:
      m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", m.fresh(kTcpFresh));
  }
}

constexpr Move kOptionMoves[] = {{8, set_option}, {8, get_option}, {2, linger},
                                 {2, time_out},   {1, tcp_bind},   {1, tcp_listen},
                                 {3, any_socket}, {1, tcp_send},   {1, tcp_receive}};

}  // namespace

std::span<const Move> unix_moves() { return kUnixMoves; }
std::span<const Move> udp_moves() { return kUdpMoves; }
std::span<const Move> option_moves() { return kOptionMoves; }

}  // namespace stackscope::fuzz
