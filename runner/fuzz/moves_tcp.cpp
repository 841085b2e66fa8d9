// TCP sockets on loopback.

#include <fmt/format.h>

#include "runner/fuzz/moves.hpp"
#include "runner/fuzz/socket_words.hpp"

namespace stackscope::fuzz {

using enum FuzzKind;

namespace {

constexpr auto kAnyTcp = {kTcp, kTcp, kTcpFresh, kTcpListener};

}  // namespace

void tcp_bind(Maker& m) { m.call(fmt::format("bind({}, {})", m.any(kAnyTcp), fixed_address(m))); }
void tcp_listen(Maker& m) {
  m.call(fmt::format("listen({}, {})", m.any(kAnyTcp), m.number({0, 1, 2, 128, -1})));
}
void tcp_send(Maker& m) { m.call(fmt::format("send({}, {}, {})", m.any(kAnyTcp), data(m), send_flags(m))); }
void tcp_receive(Maker& m) {
  m.call(fmt::format("recv({}, {}, {})", m.any(kAnyTcp), count(m), receive_flags(m)));
}

namespace {

void tcp_fresh(Maker& m) {
  if (m.chance(12)) {
    return m.call(
        fmt::format("socket({}, {}, {})", m.one_of({"AF_INET", "AF_INET6", "AF_UNIX", "99", "AF_UNSPEC"}),
                    m.one_of({"SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET", "99"}),
                    m.one_of({"0", "IPPROTO_TCP", "IPPROTO_UDP", "99"})),
        m.fresh(kTcpFresh));
  }
  m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", m.fresh(kTcpFresh));
}
/// They may share a port until one of them listens.
void two_listeners(Maker& m) {
  for (int i = 0; i < 2; ++i) {
    const std::string fd = m.fresh(kTcpFresh);
    m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", fd);
    m.call(fmt::format("setsockopt({}, SOL_SOCKET, SO_REUSEADDR, 1)", fd));
    m.call(fmt::format("bind({}, \"127.0.0.1:4002\")", fd));
    if (i == 0) continue;
    m.call(fmt::format("listen({}, 1)", m.any({kTcpFresh})));
    m.call(fmt::format("listen({}, 1)", fd));
  }
}
void tcp_connect(Maker& m) {
  m.labelled("connect", fmt::format("connect({}, {})", m.any(kAnyTcp), known_address(m)));
}
void tcp_accept(Maker& m) {
  m.call(
      fmt::format("accept4({}, SOCK_NONBLOCK)", m.any({kTcpListener, kTcpListener, kTcpListener, kTcpFresh})),
      m.fresh(kTcp));
}
void tcp_plain(Maker& m) {
  m.chance(50) ? m.call(fmt::format("write({}, {})", m.any({kTcp}), data(m)))
               : m.call(fmt::format("read({}, {})", m.any({kTcp}), count(m)));
}
void tcp_end(Maker& m) { end_one(m, {kTcp, kTcp, kTcp, kTcpListener, kTcpFresh}); }
void tcp_abort(Maker& m) {
  const std::string fd = m.any({kTcp});
  m.call(fmt::format("setsockopt({}, SOL_SOCKET, SO_LINGER, {{1, 0}})", fd));
  m.call(fmt::format("close({})", fd));
}
void tcp_names(Maker& m) {
  m.call(fmt::format("{}({})", m.one_of({"getsockname", "getpeername"}), m.any(kAnyTcp)));
}
void tcp_error(Maker& m) { m.call(fmt::format("getsockopt({}, SOL_SOCKET, SO_ERROR)", m.any(kAnyTcp))); }
void more_tcp(Maker& m) { m.chance(70) ? make_tcp_pair(m) : make_tcp_listener(m); }

// --- what belongs together: several calls whose outcome is determined -------------------------------------------------------

/// An option of the listener, and what a connection has of it.
void tcp_inherit(Maker& m) {
  const std::string listener = make_tcp_listener(m);
  const std::string_view option = m.one_of(
      {"SOL_SOCKET, SO_KEEPALIVE", "SOL_SOCKET, SO_RCVLOWAT", "SOL_SOCKET, SO_OOBINLINE",
       "SOL_SOCKET, SO_REUSEADDR", "SOL_SOCKET, SO_RCVBUF", "SOL_SOCKET, SO_SNDBUF",
       "SOL_SOCKET, SO_PRIORITY", "IPPROTO_TCP, TCP_NODELAY", "IPPROTO_TCP, TCP_CORK",
       "IPPROTO_TCP, TCP_USER_TIMEOUT", "IPPROTO_TCP, TCP_KEEPIDLE", "IPPROTO_TCP, TCP_KEEPINTVL",
       "IPPROTO_TCP, TCP_KEEPCNT", "IPPROTO_TCP, TCP_SYNCNT", "IPPROTO_TCP, TCP_LINGER2",
       "IPPROTO_TCP, TCP_NOTSENT_LOWAT", "IPPROTO_TCP, TCP_WINDOW_CLAMP", "IPPROTO_TCP, TCP_DEFER_ACCEPT"});
  m.call(fmt::format("setsockopt({}, {}, {})", listener, option, m.number({0, 1, 2, 5, 100, 1000, 20000})));
  const std::string client = m.fresh(kTcp), server = m.fresh(kTcp);
  m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", client);
  m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:1\")", client, listener));
  if (m.chance(50)) m.call(fmt::format("send({}, \"data\", MSG_DONTWAIT)", client));
  m.call(fmt::format("accept4({}, SOCK_NONBLOCK)", listener), server);
  m.call(fmt::format("getsockopt({}, {})", m.chance(80) ? server : client, option));
}

/// A queue that is full: the connections beyond n + 1 stay in SYN-SENT, and find room when it is theirs.
void tcp_overflow(Maker& m) {
  const std::string listener = m.fresh(kTcpListener);
  const auto backlog = m.between(0, 2);
  m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", listener);
  m.call(fmt::format("bind({}, \"127.0.0.1:0\")", listener));
  m.call(fmt::format("listen({}, {})", listener, backlog));
  for (std::int64_t i = 0; i < backlog + 2; ++i) {
    const std::string client = m.fresh(kTcp);
    m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", client);
    m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:1\")", client, listener));
    if (m.chance(30)) m.call(fmt::format("send({}, {}, MSG_DONTWAIT)", client, data(m)));
  }
  m.labelled("nstat",
             "nstat(\"TcpExtListenOverflows\"), nstat(\"TcpExtListenDrops\"), nstat(\"TcpPassiveOpens\")");
  m.labelled(
      "poll",
      fmt::format("(function(l) local n, e = poll(l, 0); return n, e, l end)({{{{fd = {}, events = POLLIN | "
                  "POLLOUT}}, {{fd = {}, events = POLLIN | POLLOUT}}}})",
                  m.any({kTcp}), listener));
  for (std::int64_t i = 0; i < backlog + 2; ++i) {
    m.call(fmt::format("accept4({}, SOCK_NONBLOCK)", listener), m.fresh(kTcp));
  }
}

/// Data under way or unread when one end goes, and what the other end hears of it.
void tcp_part(Maker& m) {
  const std::string listener = make_tcp_listener(m);
  const std::string client = m.fresh(kTcp), server = m.fresh(kTcp);
  m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", client);
  m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:1\")", client, listener));
  m.call(fmt::format("accept4({}, SOCK_NONBLOCK)", listener), server);
  const bool turns = m.chance(50);
  const std::string &goes = turns ? client : server, &stays = turns ? server : client;
  if (m.chance(50)) m.call(fmt::format("send({}, {}, MSG_DONTWAIT)", goes, data(m)));
  if (m.chance(50)) m.call(fmt::format("send({}, {}, MSG_DONTWAIT)", stays, data(m)));
  if (m.chance(30)) m.call(fmt::format("recv({}, {}, MSG_DONTWAIT)", goes, count(m)));
  if (m.chance(30))
    m.call(fmt::format("shutdown({}, {})", stays, m.one_of({"SHUT_RD", "SHUT_WR", "SHUT_RDWR"})));
  if (m.chance(40))
    m.call(fmt::format("setsockopt({}, SOL_SOCKET, SO_LINGER, {{{}, 0}})", goes, m.number({0, 1})));
  m.chance(70) ? m.call(fmt::format("close({})", goes))
               : m.call(fmt::format("shutdown({}, {})", goes, m.one_of({"SHUT_RD", "SHUT_WR", "SHUT_RDWR"})));
  for (int i = 0; i < 3; ++i) {
    m.chance(60) ? m.call(fmt::format("recv({}, {}, MSG_DONTWAIT)", stays, count(m)))
                 : m.call(fmt::format("send({}, {}, MSG_DONTWAIT | MSG_NOSIGNAL)", stays, data(m)));
  }
  m.call(fmt::format("getsockopt({}, SOL_SOCKET, SO_ERROR)", stays));
  // Not TcpExtTCPAbortOnData: whether data meet a socket in FIN_WAIT1 or what is left of it depends on a delayed ACK.
  m.labelled("nstat",
             "nstat(\"TcpExtTCPAbortOnClose\"), nstat(\"TcpEstabResets\"), "
             "nstat(\"TcpOutRsts\")");
}

/// connect() that fails, is asked why, and goes elsewhere with the same socket.
void tcp_again(Maker& m) {
  const std::string fd = m.fresh(kTcp), listener = m.any({kTcpListener});
  m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", fd);
  m.labelled("connect", fmt::format("connect({}, \"127.0.0.1:1\")", fd));
  if (m.chance(60)) m.call(fmt::format("getsockopt({}, SOL_SOCKET, SO_ERROR)", fd));
  m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:2\")", fd, listener));
  if (m.chance(60))
    m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:2\")", fd, listener));
  m.call(fmt::format("send({}, \"x\", MSG_DONTWAIT)", fd));
}

constexpr Move kTcpMoves[] = {{1, two_listeners}, {2, tcp_fresh},    {2, tcp_bind},   {2, tcp_listen},
                              {3, tcp_connect},   {3, tcp_accept},   {7, tcp_send},   {7, tcp_receive},
                              {2, tcp_plain},     {3, tcp_end},      {1, tcp_abort},  {2, tcp_names},
                              {2, tcp_error},     {4, look},         {2, ask_socket}, {2, more_tcp},
                              {2, tcp_inherit},   {1, tcp_overflow}, {2, tcp_part},   {1, tcp_again},
                              {2, tcp_life}};

}  // namespace

std::span<const Move> tcp_moves() { return kTcpMoves; }

}  // namespace stackscope::fuzz
