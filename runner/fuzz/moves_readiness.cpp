// epoll, poll and select, on descriptors of every kind, and what makes those ready.

#include <fmt/format.h>

#include "runner/fuzz/moves.hpp"

namespace stackscope::fuzz {

using enum FuzzKind;

std::string make_epoll(Maker& m) {
  std::string fd = m.fresh(kEpoll);
  m.call(fmt::format("epoll_create1({})", m.some_of({"EPOLL_CLOEXEC"}, 1)), fd);
  return fd;
}

namespace {

std::string watched(Maker& m) {
  return m.any({kEventfd, kPipeRead, kPipeWrite, kTimerfd, kUnixStream, kTcp, kTcpListener, kUdp, kTcpFresh});
}

std::string epoll_events(Maker& m) {
  return m.some_of({"EPOLLIN", "EPOLLIN", "EPOLLIN", "EPOLLOUT", "EPOLLOUT", "EPOLLET", "EPOLLET",
                    "EPOLLONESHOT", "EPOLLRDHUP", "EPOLLPRI", "EPOLLEXCLUSIVE", "EPOLLERR", "EPOLLHUP",
                    "EPOLLWAKEUP", "EPOLLRDNORM", "EPOLLWRNORM", "EPOLLRDBAND", "EPOLLMSG"},
                   4);
}

void control(Maker& m) {
  const std::string_view operation = m.one_of({"EPOLL_CTL_ADD", "EPOLL_CTL_ADD", "EPOLL_CTL_ADD",
                                               "EPOLL_CTL_MOD", "EPOLL_CTL_MOD", "EPOLL_CTL_DEL", "9"});
  const std::string fd = m.chance(85) ? watched(m) : m.any({kEpoll});
  m.call(fmt::format("epoll_ctl({}, {}, {}, {}, {})", m.any({kEpoll}), operation, fd, epoll_events(m),
                     m.next_number()));
}
void nest(Maker& m) {
  m.call(fmt::format("epoll_ctl({}, EPOLL_CTL_ADD, {}, {}, {})", m.any({kEpoll}), m.any({kEpoll}),
                     m.some_of({"EPOLLIN", "EPOLLET", "EPOLLEXCLUSIVE", "EPOLLONESHOT"}, 2),
                     m.next_number()));
}
/// Instances that watch each other, or a long row of them.
void circle(Maker& m) {
  const std::string first = m.any({kEpoll});
  std::string inner = first;
  for (std::int64_t i = m.chance(20) ? 6 : m.between(1, 2); i > 0; --i) {
    const std::string outer = make_epoll(m);
    m.call(fmt::format("epoll_ctl({}, EPOLL_CTL_ADD, {}, EPOLLIN, {})", outer, inner, m.next_number()));
    inner = outer;
  }
  m.call(fmt::format("epoll_ctl({}, EPOLL_CTL_ADD, {}, EPOLLIN, {})", first, inner, m.next_number()));
}
void wait(Maker& m) {
  const std::string most = m.number({1, 1, 2, 3, 10, 10, 0, -1, 1000});
  if (m.chance(80)) return m.call(fmt::format("epoll_wait({}, {}, 0)", m.any({kEpoll}), most));
  m.call(fmt::format("epoll_pwait2({}, {}, 0)", m.any({kEpoll}), most));
}
void wait_twice(Maker& m) {
  const std::string epoll = m.any({kEpoll}), most = m.number({1, 2, 8});
  for (int i = 0; i < 2; ++i) m.call(fmt::format("epoll_wait({}, {}, 0)", epoll, most));
}
void fire(Maker& m) {
  switch (m.between(0, 6)) {
    case 0:
      return m.call(fmt::format("eventfd_write({}, {})", m.any({kEventfd}), m.number({1, 2, -2})));
    case 1:
      return m.call(fmt::format("write({}, \"{}\")", m.any({kPipeWrite}), m.one_of({"", "a", "hello"})));
    case 2:
      return m.call(fmt::format("send({}, \"data\", MSG_DONTWAIT)", m.any({kUnixStream, kTcp})));
    case 3:
      return m.call(fmt::format("eventfd_read({})", m.any({kEventfd})));
    case 4:
      return m.call(fmt::format("read({}, {})", m.any({kPipeRead}), m.number({1, 3, 100})));
    case 5:
      return m.call(
          fmt::format("recv({}, {}, MSG_DONTWAIT)", m.any({kUnixStream, kTcp}), m.number({1, 3, 100})));
    default:
      return m.call(fmt::format("shutdown({}, {})", m.any({kUnixStream, kTcp}),
                                m.one_of({"SHUT_RD", "SHUT_WR", "SHUT_RDWR"})));
  }
}
void take_away(Maker& m) {
  m.chance(60) ? m.call(fmt::format("close({})", watched(m)))
               : m.call(fmt::format("dup({})", watched(m)), m.fresh(kEventfd));
}
void another(Maker& m) {
  switch (m.between(0, 5)) {
    case 0:
      make_pipe(m);
      return;
    case 1:
      make_unix_pair(m);
      return;
    case 2:
      make_tcp_pair(m);
      return;
    case 3:
      make_epoll(m);
      return;
    default:
      make_eventfd(m);
  }
}

constexpr Move kEpollMoves[] = {{8, control},    {1, nest}, {1, circle},    {7, wait},
                                {2, wait_twice}, {7, fire}, {1, take_away}, {2, another}};

// --- poll and select -------------------------------------------------------------------------------------------------

std::string poll_events(Maker& m) {
  return m.some_of({"POLLIN", "POLLIN", "POLLOUT", "POLLOUT", "POLLPRI", "POLLRDHUP", "POLLHUP", "POLLERR",
                    "POLLNVAL", "POLLRDNORM", "POLLWRNORM", "POLLRDBAND", "POLLWRBAND"},
                   3);
}
std::string any_polled(Maker& m) { return m.chance(85) ? watched(m) : m.any({kEpoll}); }

void poll_some(Maker& m) {
  std::string list;
  for (std::int64_t i = m.between(0, 4); i > 0; --i) {
    list += fmt::format("{{fd = {}, events = {}}}{}", any_polled(m), poll_events(m), i > 1 ? ", " : "");
  }
  const std::string call = m.chance(70) ? fmt::format("poll(list, {})", "0") : "ppoll(list, 0)";
  m.labelled(call.substr(0, call.find('(')),
             fmt::format("(function(list) local n, e = {}; return n, e, list end)({{{}}})", call, list));
}
std::string set_of(Maker& m) {
  std::string list;
  for (std::int64_t i = m.between(0, 3); i > 0; --i) list += any_polled(m) + (i > 1 ? ", " : "");
  return "{" + list + "}";
}
void select_some(Maker& m) {
  const std::string read = set_of(m), write = set_of(m), except = m.chance(50) ? "{}" : set_of(m);
  m.labelled("select", fmt::format("(function(r, w, x) for _, l in ipairs({{r, w, x}}) do for _, f in "
                                   "ipairs(l) do if f < 0 then return "
                                   "\"negative\" end end end return select(r, w, x, 0) end)({}, {}, {})",
                                   read, write, except));
}

constexpr Move kPollMoves[] = {{8, poll_some}, {6, select_some}, {7, fire}, {2, take_away}, {3, another}};

}  // namespace

std::span<const Move> epoll_moves() { return kEpollMoves; }
std::span<const Move> poll_moves() { return kPollMoves; }

}  // namespace stackscope::fuzz
