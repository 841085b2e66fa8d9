// Lives of TCP connections: half-closes, data that nobody reads, connections broken off and begun anew, and what TCP_INFO
// tells of them at every station.

#include <fmt/format.h>

#include "runner/fuzz/moves.hpp"
#include "runner/fuzz/socket_words.hpp"

namespace stackscope::fuzz {

using enum FuzzKind;

namespace {

/// What does not depend on time, nor on whether a delayed acknowledgement has gone out: that of a FIN comes with the next tick, and
/// brings FIN_WAIT2, TIME_WAIT or CLOSE, and a larger window and so snd_mss.
void look_at(Maker& m, const std::string& fd) {
  m.labelled(
      "getsockopt",
      fmt::format(
          "(function(i) if not i then return nil end return ({{[5]=4, [6]=11, [7]=9}})[i.tcpi_state] or "
          "i.tcpi_state, i.tcpi_options, "
          "i.tcpi_snd_wscale, i.tcpi_rcv_wscale, i.tcpi_advmss, i.tcpi_pmtu, "
          "i.tcpi_bytes_received, i.tcpi_data_segs_in end)(getsockopt({}, IPPROTO_TCP, "
          "TCP_INFO))",
          fd));
}

void connect_to(Maker& m, const std::string& client, const std::string& listener) {
  m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:1\")", client, listener));
}

/// One step of a life, at one end of it.
void live(Maker& m, const std::string& fd, const std::string& listener) {
  const auto step = m.between(0, 9);
  if (step < 3) m.call(fmt::format("send({}, {}, MSG_DONTWAIT | MSG_NOSIGNAL)", fd, data(m)));
  if (step >= 3 && step < 5) m.call(fmt::format("recv({}, {}, MSG_DONTWAIT)", fd, count(m)));
  if (step == 5)
    m.call(fmt::format("shutdown({}, {})", fd, m.one_of({"SHUT_RD", "SHUT_WR", "SHUT_WR", "SHUT_RDWR"})));
  if (step == 6) m.labelled("connect", fmt::format("connect({}, nil)", fd));
  if (step == 7) connect_to(m, fd, listener);
  if (step == 8) m.call(fmt::format("getsockopt({}, SOL_SOCKET, SO_ERROR)", fd));
  if (step == 9) look_at(m, fd);
}

}  // namespace

void tcp_life(Maker& m) {
  const std::string listener = make_tcp_listener(m);
  const std::string client = m.fresh(kTcp), server = m.fresh(kTcp);
  if (m.chance(30)) m.call(fmt::format("setsockopt({}, IPPROTO_TCP, TCP_QUICKACK, 0)", listener));
  m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", client);
  if (m.chance(20)) m.call(fmt::format("setsockopt({}, IPPROTO_TCP, TCP_MAXSEG, 1000)", client));
  if (m.chance(20)) look_at(m, client);
  m.chance(15) ? m.labelled("connect", fmt::format("connect({}, \"127.0.0.1:1\")", client))
               : connect_to(m, client, listener);
  m.call(fmt::format("accept4({}, SOCK_NONBLOCK)", listener), server);
  if (m.chance(30)) m.call(fmt::format("getsockopt({}, IPPROTO_TCP, TCP_QUICKACK)", server));
  for (auto steps = m.between(2, 7); steps > 0; --steps) live(m, m.chance(50) ? client : server, listener);
  look_at(m, client), look_at(m, server);
  m.call(fmt::format("close({})", m.chance(50) ? client : server));
  look_at(m, client), look_at(m, server);
}

}  // namespace stackscope::fuzz
