// Eventfds, pipes, timerfds, and what any descriptor can be told.

#include <fmt/format.h>

#include "runner/fuzz/moves.hpp"

namespace stackscope::fuzz {

using enum FuzzKind;

// Threads of concurrent programs sleep in reads, others never must.
std::string make_eventfd(Maker& m) {
  std::string fd = m.fresh(kEventfd);
  const std::string flags = m.is_concurrent()
                                ? m.some_of({"EFD_SEMAPHORE"}, 1)
                                : "EFD_NONBLOCK | " + m.some_of({"EFD_SEMAPHORE", "EFD_CLOEXEC"}, 2);
  m.call(fmt::format("eventfd({}, {})", m.number({0, 0, 0, 1, 2, 5, 0xffffffff}), flags), fd);
  return fd;
}

std::string make_pipe(Maker& m) {
  std::string reader = m.fresh(kPipeRead);
  const std::string writer = m.fresh(kPipeWrite);
  const std::string flags = m.is_concurrent() ? m.some_of({"O_CLOEXEC"}, 1)
                                              : "O_NONBLOCK | " + m.some_of({"O_CLOEXEC", "O_DIRECT"}, 1);
  m.call(fmt::format("pipe2({})", flags), reader + ", " + writer);
  return reader;
}

std::string make_timerfd(Maker& m) {
  std::string fd = m.fresh(kTimerfd);
  m.call(fmt::format("timerfd_create({}, TFD_NONBLOCK | {})",
                     m.one_of({"CLOCK_MONOTONIC", "CLOCK_REALTIME", "CLOCK_BOOTTIME", "77"}),
                     m.some_of({"TFD_CLOEXEC"}, 1)),
         fd);
  return fd;
}

namespace {

constexpr auto kReadable = {kEventfd, kPipeRead, kTimerfd};
constexpr auto kWritable = {kEventfd, kPipeWrite};

std::string bytes(Maker& m) {
  return fmt::format("string.rep(\"{}\", {})", m.one_of({"a", "b", "xyz", "\\0"}),
                     m.number({0, 1, 2, 3, 8, 100, 1000, 4095, 4096, 5000, 20000, 70000}));
}

void wrong_creation(Maker& m) {
  switch (m.between(0, 3)) {
    case 0:
      return m.call(fmt::format("eventfd(1, {})", m.one_of({"2", "O_APPEND", "-1"})), m.fresh(kEventfd));
    case 1:
      return m.call("pipe2(O_APPEND)", m.fresh(kPipeRead) + ", " + m.fresh(kPipeWrite));
    case 2:
      return m.call(fmt::format("timerfd_create({}, 1)", m.one_of({"CLOCK_MONOTONIC", "99"})),
                    m.fresh(kTimerfd));
    default:
      return m.call(fmt::format("epoll_create1({})", m.one_of({"1", "O_NONBLOCK", "-1"})), m.fresh(kEpoll));
  }
}

void read_some(Maker& m) {
  m.call(fmt::format("read({}, {})", m.any(kReadable), m.number({0, 1, 2, 7, 8, 9, 100, 4096, 100000})));
}
void write_some(Maker& m) {
  if (m.chance(40)) {
    m.call(fmt::format("write({}, string.pack(\"<I8\", {}))", m.any({kEventfd}),
                       m.number({0, 1, 2, 7, -1, -2})));
  } else {
    m.call(fmt::format("write({}, {})", m.any(kWritable), bytes(m)));
  }
}
void read_parts(Maker& m) {
  m.call(fmt::format("readv({}, {{{}, {}}})", m.any(kReadable), m.number({0, 1, 4, 8, 100}),
                     m.number({0, 3, 4, 5000})));
}
void write_parts(Maker& m) {
  m.call(fmt::format("writev({}, {{{}, {}}})", m.any(kWritable), bytes(m), bytes(m)));
}
void eventfd_moves(Maker& m) {
  const std::string fd = m.any({kEventfd});
  if (m.chance(50)) return m.call(fmt::format("eventfd_read({})", fd));
  m.call(fmt::format("eventfd_write({}, {})", fd, m.number({0, 1, 1, 2, 3, 1000, -1, -2, -3})));
}
void pipe_size(Maker& m) {
  const std::string fd = m.any({kPipeRead, kPipeWrite});
  if (m.chance(30)) return m.call(fmt::format("fcntl({}, F_GETPIPE_SZ)", fd));
  m.call(fmt::format("fcntl({}, F_SETPIPE_SZ, {})", fd,
                     m.number({0, 1, 4096, 4097, 8192, 65536, 1048576, 2097152, -1})));
}
void new_object(Maker& m) { m.chance(50) ? make_pipe(m) : make_eventfd(m); }

constexpr Move kFileMoves[] = {{5, read_some},     {6, write_some}, {2, read_parts}, {2, write_parts},
                               {4, eventfd_moves}, {2, pipe_size},  {2, new_object}, {1, wrong_creation}};

// --- any descriptor --------------------------------------------------------------------------------------------------

void close_one(Maker& m) { m.call(fmt::format("close({})", m.any_fd())); }
void dup_one(Maker& m) {
  const std::string from = m.any_fd();
  m.call(fmt::format("dup({})", from), m.fresh(m.one_of({"r", "e"}) == "r" ? kPipeRead : kEventfd));
}
void dup_onto(Maker& m) {
  const std::string to = m.chance(50) ? m.any_fd() : m.number({0, 3, 4, 5, 10, 63, 64, 200, -1, 2000000});
  if (m.chance(50)) return m.call(fmt::format("dup2({}, {})", m.any_fd(), to));
  m.call(fmt::format("dup3({}, {}, {})", m.any_fd(), to, m.one_of({"0", "O_CLOEXEC", "O_NONBLOCK"})));
}
void tell(Maker& m) {
  const std::string fd = m.any_fd();
  switch (m.between(0, 5)) {
    case 0:
      return m.call(fmt::format("fcntl({}, F_GETFL)", fd));
    case 1:
      return m.call(fmt::format("fcntl({}, F_GETFD)", fd));
    case 2:
      return m.call(fmt::format("fcntl({}, F_SETFD, {})", fd, m.one_of({"FD_CLOEXEC", "0", "3"})));
    case 3:
      return m.call(
          fmt::format("fcntl({}, F_SETFL, O_NONBLOCK | {})", fd, m.some_of({"O_APPEND", "O_RDWR"}, 1)));
    case 4:
      return m.call(fmt::format("fcntl({}, {}, {})", fd, m.one_of({"F_DUPFD", "F_DUPFD_CLOEXEC"}),
                                m.number({0, 3, 7, 20, 100, -1, 2000000})),
                    m.fresh(kEventfd));
    default:
      return m.call(fmt::format("fcntl({}, {})", fd, m.number({999, -1, 12})));
  }
}
void ask_size(Maker& m) {
  m.call(fmt::format("ioctl({}, {})", m.any_fd(), m.one_of({"FIONREAD", "FIONREAD", "SIOCOUTQ"})));
}
void any_object(Maker& m) {
  switch (m.between(0, 4)) {
    case 0:
      make_eventfd(m);
      return;
    case 1:
      make_pipe(m);
      return;
    case 2:
      make_unix_pair(m);
      return;
    case 3:
      make_epoll(m);
      return;
    default:
      make_udp(m);
  }
}

void take_for_a_socket(Maker& m) {
  const std::string fd = m.any({kEventfd, kPipeRead, kPipeWrite, kTimerfd, kEpoll});
  const std::string_view call = m.one_of({"bind({}, \"127.0.0.1:0\")", "listen({}, 1)", "accept4({}, 0)"});
  m.call(fmt::format(fmt::runtime(call), fd));
}
void no_socket(Maker& m) {
  m.call(fmt::format("socket({}, {}, {})", m.one_of({"99", "AF_INET", "AF_INET", "AF_UNSPEC"}),
                     m.one_of({"SOCK_STREAM", "99", "SOCK_RDM"}), m.one_of({"99", "IPPROTO_UDP", "0"})));
}

constexpr Move kFdMoves[] = {{1, take_for_a_socket}, {1, no_socket}, {3, close_one}, {3, dup_one},
                             {4, dup_onto},          {6, tell},      {3, ask_size},  {3, read_some},
                             {3, write_some},        {3, any_object}};

// --- timers ----------------------------------------------------------------------------------------------------------

void set_timer(Maker& m) {
  // Both far away and right now: nothing in between, where chance would decide.
  const std::string timer = m.any({kTimerfd});
  if (m.chance(20)) {  // absolute: the kernels have not run for equally long, so long past, and once only
    return m.call(fmt::format("timerfd_settime({}, TFD_TIMER_ABSTIME, {}, {})", timer,
                              m.one_of({"0", "1", "1", "-1"}), m.one_of({"0", "0", "0", "-5"})));
  }
  m.call(fmt::format("timerfd_settime({}, {}, {}, {})", timer,
                     m.one_of({"0", "0", "0", "TFD_TIMER_CANCEL_ON_SET", "99"}),
                     m.one_of({"0", "1", "s(500)", "s(1000)", "-1", "s(1000000000)"}),
                     m.one_of({"0", "0", "s(700)", "-5"})));
}
void rounded_time(Maker& m) {
  m.labelled("timerfd_gettime",
             fmt::format("(function(v, i) return v and (v + s(1) - 1) // s(1), i end)(timerfd_gettime({}))",
                         m.any({kTimerfd})));
}
void ripen(Maker& m) { m.call("nanosleep(ms(1))"); }
void read_timer(Maker& m) {
  m.call(fmt::format("read({}, {})", m.any({kTimerfd}), m.number({8, 8, 8, 4, 16, 0})));
}
void sleep_wrongly(Maker& m) { m.call(fmt::format("nanosleep({})", m.one_of({"0", "1", "us(10)"}))); }
void ask_clock(Maker& m) {
  m.labelled("clock_gettime",
             fmt::format("(function(t, e) return t and t >= 0, e end)(clock_gettime({}))",
                         m.one_of({"CLOCK_MONOTONIC", "CLOCK_REALTIME", "CLOCK_BOOTTIME",
                                   "CLOCK_THREAD_CPUTIME_ID", "CLOCK_PROCESS_CPUTIME_ID", "99"})));
}
void more_timers(Maker& m) { make_timerfd(m); }

constexpr Move kTimerMoves[] = {{6, set_timer},     {3, rounded_time}, {2, ripen},      {5, read_timer},
                                {1, sleep_wrongly}, {1, ask_clock},    {2, more_timers}};

}  // namespace

std::span<const Move> file_moves() { return kFileMoves; }
std::span<const Move> fd_moves() { return kFdMoves; }
std::span<const Move> timer_moves() { return kTimerMoves; }

}  // namespace stackscope::fuzz
