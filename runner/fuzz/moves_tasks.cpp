// Processes, and threads that sleep until something happens.

#include <fmt/format.h>

#include "runner/fuzz/moves.hpp"

namespace stackscope::fuzz {

using enum FuzzKind;

namespace {

// --- processes -------------------------------------------------------------------------------------------------------

/// What a child does that ends by itself.
std::string child_call(Maker& m) {
  switch (m.between(0, 6)) {
    case 0:
      return fmt::format("say(\"  child close\", close({}))", m.any_fd());
    case 1:
      return fmt::format("say(\"  child write\", write({}, \"from child\"))",
                         m.any({kPipeWrite, kUnixStream}));
    case 2:
      return fmt::format("say(\"  child read\", read({}, 5))", m.any({kPipeRead, kUnixStream}));
    case 3:
      return fmt::format("say(\"  child dup\", dup({}))", m.any_fd());
    case 4:
      return fmt::format("say(\"  child fcntl\", fcntl({}, F_SETFL, O_NONBLOCK))", m.any_fd());
    case 5:
      return "x = (x or 0) + 1; say(\"  child x\", x)";
    default:
      return fmt::format("say(\"  child epoll_wait\", epoll_wait({}, 4, 0))", m.any({kEpoll}));
  }
}
void child(Maker& m) {
  const std::string pid = fmt::format("p{}", m.next_number());
  std::string body;
  for (std::int64_t i = m.between(0, 3); i > 0; --i) body += child_call(m) + "; ";
  m.plain(
      fmt::format("{} = process(function() {}return {} end)", pid, body, m.number({0, 1, 7, 255, 256, -1})));
  m.labelled("waitpid", fmt::format("waitpid({})", pid));
  if (m.chance(20)) m.labelled("waitpid", fmt::format("waitpid({})", pid));
  if (m.chance(20)) m.labelled("kill", fmt::format("kill({}, {})", pid, m.one_of({"0", "SIGKILL"})));
}
void killed_child(Maker& m) {
  const std::string pid = fmt::format("p{}", m.next_number());
  const std::string sleeps = m.chance(50) ? "nanosleep(s(100))" : "poll({}, -1)";
  m.plain(fmt::format("{} = process(function() {} return 3 end)", pid, sleeps));
  m.labelled("kill", fmt::format("kill({}, {})", pid, m.one_of({"SIGKILL", "SIGTERM", "SIGTERM"})));
  m.labelled("waitpid", fmt::format("waitpid({})", pid));
}
void wrong_process(Maker& m) {
  if (m.chance(50)) return m.call(fmt::format("waitpid({})", m.number({999999, 1000000})));
  if (m.chance(30)) return m.call("kill(getpid(), 99)");
  m.call(fmt::format("kill({}, {})", m.number({999999, 1000000}), m.one_of({"0", "SIGTERM", "99"})));
}
void own_scheduling(Maker& m) {
  if (m.chance(30)) return m.call("sched_yield()");
  m.call(fmt::format("sched_setscheduler({}, {})", m.one_of({"SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "99"}),
                     m.number({0, 0, 1, 50, 99, 100, -1})));
}
void back_to_normal(Maker& m) { m.call("sched_setscheduler(SCHED_OTHER, 0)"); }
void write_some(Maker& m) { m.call(fmt::format("write({}, \"parent\")", m.any({kPipeWrite, kUnixStream}))); }
void read_some(Maker& m) {
  m.call(fmt::format("read({}, {})", m.any({kPipeRead, kUnixStream}), m.number({1, 3, 20})));
}
void close_some(Maker& m) { m.call(fmt::format("close({})", m.any_fd())); }
void flags_of(Maker& m) { m.call(fmt::format("fcntl({}, F_GETFL)", m.any_fd())); }

constexpr Move kProcessMoves[] = {{6, child},          {2, killed_child},   {1, wrong_process},
                                  {1, own_scheduling}, {1, back_to_normal}, {4, write_some},
                                  {4, read_some},      {1, close_some},     {1, flags_of}};

// --- threads ---------------------------------------------------------------------------------------------------------

/// A call in which a thread may sleep.
std::string sleeping_call(Maker& m, std::string_view who) {
  const std::string say = fmt::format("say(\"  {} ", who);
  switch (m.between(0, 6)) {
    case 0:
      return say + fmt::format("eventfd_read\", eventfd_read({}))", m.any({kEventfd}));
    case 1:
      return say +
             fmt::format("read\", read({}, {}))", m.any({kPipeRead, kUnixStream}), m.number({1, 4, 100}));
    case 2:
      return say +
             fmt::format("poll\", poll({{{{fd = {}, events = POLLIN}}, {{fd = {}, events = POLLIN}}}}, -1))",
                         m.any({kEventfd, kPipeRead}), m.any({kPipeRead, kUnixStream, kEpoll}));
    case 3:
      return say + fmt::format("accept4\", (accept4({}, 0)) ~= nil)", m.any({kTcpListener}));
    case 4:
      return say + fmt::format("recv\", recv({}, {}, {}))", m.any({kUnixStream, kTcp}), m.number({1, 4, 100}),
                               m.one_of({"0", "0", "MSG_WAITALL", "MSG_PEEK"}));
    default:
      return say +
             fmt::format("epoll_wait\", epoll_wait({}, {}, -1))", m.any({kEpoll}), m.number({1, 1, 2, 8}));
  }
}
void start_thread(Maker& m) {
  const std::string who = fmt::format("T{}", m.next_number());
  const std::string first = sleeping_call(m, who), second = m.chance(50) ? "; " + sleeping_call(m, who) : "";
  m.plain(
      fmt::format("spawn(function() for i = 1, {} do {}{} end end)", m.number({1, 2, 3, 5}), first, second));
}
void some_waiters(Maker& m) {
  const std::string shared = m.any({kEpoll});
  for (std::int64_t i = m.between(2, 5); i > 0; --i) {
    const std::string who = fmt::format("T{}", m.next_number());
    m.plain(fmt::format(
        "spawn(function() for i = 1, 3 do say(\"  {} epoll_wait\", epoll_wait({}, 1, -1)) end end)", who,
        shared));
  }
}
void own_instances(Maker& m) {
  const std::string fd = m.any({kEventfd, kPipeRead, kTcpListener});
  const std::string events =
      m.one_of({"EPOLLIN", "EPOLLIN | EPOLLEXCLUSIVE", "EPOLLIN | EPOLLET"}) == "EPOLLIN"
          ? "EPOLLIN"
          : (m.chance(50) ? "EPOLLIN | EPOLLEXCLUSIVE" : "EPOLLIN | EPOLLET");
  for (std::int64_t i = m.between(2, 4); i > 0; --i) {
    const std::string who = fmt::format("T{}", m.next_number());
    const std::string epoll = m.fresh(kEpoll);
    m.call("epoll_create1(0)", epoll);
    m.call(fmt::format("epoll_ctl({}, EPOLL_CTL_ADD, {}, {}, {})", epoll, fd, events, m.next_number()));
    m.plain(fmt::format(
        "spawn(function() for i = 1, 2 do say(\"  {} epoll_wait\", epoll_wait({}, 4, -1)) end end)", who,
        epoll));
  }
}
void watch(Maker& m) {
  m.call(fmt::format("epoll_ctl({}, {}, {}, EPOLLIN | {}, {})", m.any({kEpoll}),
                     m.one_of({"EPOLL_CTL_ADD", "EPOLL_CTL_ADD", "EPOLL_CTL_MOD", "EPOLL_CTL_DEL"}),
                     m.any({kEventfd, kPipeRead, kUnixStream, kTcpListener, kTcp}),
                     m.some_of({"EPOLLET", "EPOLLONESHOT", "EPOLLEXCLUSIVE", "EPOLLRDHUP"}, 2),
                     m.next_number()));
}
void fire(Maker& m) {
  switch (m.between(0, 5)) {
    case 0:
    case 1:
      return m.call(fmt::format("eventfd_write({}, {})", m.any({kEventfd}), m.number({1, 1, 2, 3})));
    case 2:
      return m.call(fmt::format("send({}, \"{}\", MSG_DONTWAIT)", m.any({kUnixStream, kTcp}),
                                m.one_of({"x", "four", "many bytes"})));
    case 3:
      return m.call(
          fmt::format("write({}, \"{}\")", m.any({kPipeWrite}), m.one_of({"x", "four", "many bytes"})));
    case 4:
      return m.labelled("shutdown", fmt::format("acknowledged(shutdown({}, {}))", m.any({kUnixStream, kTcp}),
                                                m.one_of({"SHUT_RD", "SHUT_WR", "SHUT_RDWR"})));
    default: {
      const std::string client = m.fresh(kTcp);
      m.call("socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)", client);
      m.labelled("connect", fmt::format("connect({}, getsockname({}) or \"127.0.0.1:1\")", client,
                                        m.any({kTcpListener})));
    }
  }
}
void close_under(Maker& m) {
  m.call(fmt::format("close({})", m.any({kPipeWrite, kEventfd, kUnixStream, kPipeRead, kTcp})));
}
void look(Maker& m) { m.call(fmt::format("epoll_wait({}, 4, 0)", m.any({kEpoll}))); }
void another(Maker& m) {
  switch (m.between(0, 4)) {
    case 0:
      make_pipe(m);
      return;
    case 1:
      make_unix_pair(m);
      return;
    case 2:
      make_tcp_listener(m);
      return;
    case 3:
      make_epoll(m);
      return;
    default:
      make_eventfd(m);
  }
}

constexpr Move kThreadMoves[] = {{5, start_thread}, {2, some_waiters}, {2, own_instances}, {5, watch},
                                 {12, fire},        {1, close_under},  {2, look},          {2, another}};

// --- families --------------------------------------------------------------------------------------------------------

void begin_files(Maker& m) { make_eventfd(m), make_pipe(m); }
void begin_timers(Maker& m) { make_timerfd(m); }
void begin_epoll(Maker& m) { make_epoll(m), make_eventfd(m), make_pipe(m); }
void begin_poll(Maker& m) { make_eventfd(m), make_pipe(m), make_unix_pair(m); }
void begin_unix(Maker& m) { make_unix_pair(m); }
void begin_tcp(Maker& m) { make_tcp_pair(m); }
void begin_udp(Maker& m) { make_udp(m), make_udp(m); }
void begin_options(Maker& m) { make_tcp_pair(m), make_udp(m); }
void begin_processes(Maker& m) { make_pipe(m), make_epoll(m); }
void begin_threads(Maker& m) { make_epoll(m), make_eventfd(m), make_pipe(m), make_tcp_listener(m); }

}  // namespace

std::span<const Move> process_moves() { return kProcessMoves; }
std::span<const Move> thread_moves() { return kThreadMoves; }

}  // namespace stackscope::fuzz

namespace stackscope {

std::span<const FuzzFamily> fuzz_families() {
  using namespace fuzz;
  static const FuzzFamily kFamilies[] = {{"epoll", begin_epoll, epoll_moves()},
                                         {"poll", begin_poll, poll_moves()},
                                         {"files", begin_files, file_moves()},
                                         {"descriptors", begin_files, fd_moves()},
                                         {"timers", begin_timers, timer_moves()},
                                         {"unix", begin_unix, unix_moves()},
                                         {"tcp", begin_tcp, tcp_moves()},
                                         {"udp", begin_udp, udp_moves()},
                                         {"options", begin_options, option_moves()},
                                         {"processes", begin_processes, process_moves()},
                                         {"threads", begin_threads, thread_moves(), true}};
  return kFamilies;
}

}  // namespace stackscope
