#include "runner/fuzz/socket_words.hpp"

#include <fmt/format.h>

namespace stackscope::fuzz {

using enum FuzzKind;

/// What an IPv6 socket is bound to.
std::string ipv6_address(Maker& m, std::initializer_list<std::string_view> ports) {
  return fmt::format("\"{}:{}\"", m.one_of({"[::1]", "[::]", "[::ffff:127.0.0.1]"}), m.one_of(ports));
}

/// A port of a few, so that programs meet their own.
std::string fixed_address(Maker& m) {
  if (m.chance(8)) return ipv6_address(m, {"0", "4001", "4002"});
  return fmt::format("\"{}:{}\"", m.one_of({"127.0.0.1", "127.0.0.1", "0.0.0.0", "127.0.0.2"}),
                     m.one_of({"0", "4001", "4002"}));
}
bool by_ipv6(Maker& m) { return m.chance(16); }

std::string known_address(Maker& m) {
  if (m.chance(10)) return ipv6_address(m, {"4001", "4002", "4003"});
  return m.chance(60)
             ? fmt::format("\"127.0.0.1:{}\"", m.one_of({"4001", "4002", "4003"}))
             : fmt::format("(getsockname({}) or \"127.0.0.1:1\")", m.any({kTcpListener, kUdp, kTcp}));
}
std::string data(Maker& m) {
  return fmt::format("string.rep(\"{}\", {})", m.one_of({"a", "b", "cde"}),
                     m.number({0, 1, 1, 2, 5, 100, 1000, 5000}));
}
std::string send_flags(Maker& m) {
  return "MSG_DONTWAIT | " +
         m.some_of({"MSG_NOSIGNAL", "MSG_MORE", "MSG_OOB", "MSG_DONTROUTE", "MSG_EOR"}, 1);
}
std::string receive_flags(Maker& m) {
  return "MSG_DONTWAIT | " +
         m.some_of({"MSG_PEEK", "MSG_PEEK", "MSG_WAITALL", "MSG_TRUNC", "MSG_OOB", "MSG_ERRQUEUE"}, 1);
}
std::string count(Maker& m) { return m.number({0, 1, 1, 2, 3, 10, 100, 5000, 100000}); }

void end_one(Maker& m, std::initializer_list<FuzzKind> kinds) {
  if (m.chance(40)) return m.call(fmt::format("close({})", m.any(kinds)));
  m.call(fmt::format("shutdown({}, {})", m.any(kinds), m.one_of({"SHUT_RD", "SHUT_WR", "SHUT_RDWR", "7"})));
}

void look(Maker& m) {
  m.labelled("poll", fmt::format("(function(l) local n, e = poll(l, 0); return n, e, l end)({{{{fd = {}, "
                                 "events = POLLIN | POLLOUT | "
                                 "POLLPRI | POLLRDHUP}}}})",
                                 m.any({kUnixStream, kUnixDatagram, kTcp, kTcpListener, kUdp, kTcpFresh})));
}
void ask_socket(Maker& m) {
  m.call(fmt::format("ioctl({}, FIONREAD)", m.any({kUnixStream, kUnixDatagram, kTcp, kUdp})));
}

}  // namespace stackscope::fuzz
