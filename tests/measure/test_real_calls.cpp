// Each call of the door, on the kernel underneath.

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "tests/measure/real.hpp"

namespace stackscope {

TEST_CASE("a program starts with descriptors 0 to 2, and the lowest free number is 3", "[real]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    say(os, {os.eventfd(0, 0), os.fcntl(0, F_GETFD, 0), os.fcntl(2, F_GETFD, 0), os.close(4)});
    return 0;
  }) == Lines{"1:3 0 0 -9"});
}

TEST_CASE("a program's descriptor table is small, whatever its maker has open", "[real]") {
  std::vector<int> many;
  for (int i = 0; i < 200; ++i) many.push_back(::dup(1));
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    // Linux: fs/select.c core_sys_select() takes n to be at most the table, and looks at none beyond it.
    std::array<unsigned long, 4> set{};
    set[1] = 1ul << 6;  // 70
    const timespec at_once{};
    const int beyond = os.pselect6(200, set, {}, {}, &at_once);
    set[0] = 1ul << 30;
    say(os, {beyond, os.pselect6(200, set, {}, {}, &at_once)});
    return 0;
  }) == Lines{"1:0 -9"});
  for (const int fd : many) ::close(fd);
}

TEST_CASE("pipes, vectors and descriptors", "[real]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    std::array<int, 2> ends{};
    say(os, {os.pipe2(ends, O_NONBLOCK), ends[0], ends[1], os.read(ends[0], {nullptr, 1})});
    const ConstBuffer out[] = {bytes("hel"), bytes("lo")};
    say(os, {os.writev(ends[1], out)});
    std::string a(2, '-'), b(9, '-');
    const Buffer in[] = {room(a), room(b)};
    const std::int64_t got = os.readv(ends[0], in);
    os.print(1, a + "|" + b);
    say(os, {got, os.write(ends[1], {nullptr, 100})});
    int waiting = 0;
    const int asked = os.ioctl(ends[0], FIONREAD, waiting);
    say(os, {asked, waiting, os.read(ends[0], {nullptr, 1000})});
    say(os, {os.dup(ends[0]), os.dup2(ends[0], 9), os.dup3(ends[0], ends[0], 0), os.fcntl(9, F_GETFL, 0)});
    say(os, {os.close(ends[0]), os.close(5), os.close(9), os.write(ends[1], {nullptr, 1})});
    return 0;
  }) == Lines{"1:0 3 4 -11", "1:5", "1:he|llo------", "1:5 100", "1:0 100 100", "1:5 9 -22 2048",
              "1:0 0 0 -32"});
}

TEST_CASE("epoll, poll and timers", "[real]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    const int event = os.eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK), epoll = os.epoll_create1(0);
    epoll_event watched{};
    watched.events = EPOLLIN;
    watched.data.u64 = 77;
    say(os, {os.epoll_ctl(epoll, EPOLL_CTL_ADD, event, watched),
             os.epoll_ctl(epoll, EPOLL_CTL_ADD, event, watched)});
    std::array<epoll_event, 4> events{};
    const timespec at_once{}, short_time{0, 1000};
    const int ready = os.epoll_wait(epoll, events, -1);
    say(os, {ready, std::uint64_t{events[0].data.u64}, os.epoll_wait(epoll, {}, 0),
             os.epoll_pwait2(epoll, events, &at_once)});
    pollfd polled{event, POLLIN | POLLOUT, 0};
    say(os, {os.poll({&polled, 1}, -1), polled.revents, os.ppoll({}, &short_time)});
    const int timer = os.timerfd_create(CLOCK_MONOTONIC, 0);
    const itimerspec once{{}, {0, 1000}}, wrong{{}, {0, -1}};
    itimerspec left{};
    say(os, {os.timerfd_settime(timer, 0, once, nullptr), os.read(timer, {nullptr, 8}),
             os.timerfd_gettime(timer, left), left.it_value.tv_nsec,
             os.timerfd_settime(timer, 0, wrong, nullptr)});
    return 0;
  }) == Lines{"1:0 -17", "1:1 77 -22 1", "1:1 5 0", "1:0 8 0 0 -22"});
}

TEST_CASE("TCP over the program's own loopback", "[real]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    const int listener = os.socket(AF_INET, SOCK_STREAM, 0), client = os.socket(AF_INET, SOCK_STREAM, 0);
    SocketAddress address = SocketAddress::ipv4(INADDR_LOOPBACK, 80), peer, own;
    say(os, {os.bind(listener, address), os.listen(listener, 8), os.connect(client, address)});
    const int served = os.accept4(listener, &peer, 0);
    const int named = os.getsockname(client, own);
    say(os, {served, named, own.port() == peer.port(), os.getpeername(client, peer), peer.port()});
    std::string text(8, '-');
    say(os, {os.send(client, bytes("hello"), 0), os.recv(served, room(text), MSG_PEEK),
             os.recv(served, room(text), 0)});
    os.print(1, text);
    std::array<char, 16> name{};
    socklen_t length = name.size();
    os.getsockopt(client, IPPROTO_TCP, TCP_CONGESTION, name.data(), length);
    os.print(1, name.data());
    int nodelay = 0;
    say(os, {os.setsockopt(client, IPPROTO_TCP, TCP_NODELAY, 1),
             os.getsockopt(client, IPPROTO_TCP, TCP_NODELAY, nodelay), nodelay, os.shutdown(client, SHUT_WR),
             os.recv(served, room(text), 0), os.shutdown(listener, 77)});
    say(os, {os.address_of("server") == htonl(INADDR_LOOPBACK)});
    return 0;
  }) == Lines{"1:0 0 0", "1:5 0 1 0 80", "1:5 5 5", "1:hello---", "1:cubic", "1:0 0 1 0 0 -22", "1:1"});
}

TEST_CASE("messages carry descriptors, and datagrams their sender", "[real]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    std::array<int, 2> ends{};
    say(os, {os.socketpair(AF_UNIX, SOCK_STREAM, 0, ends)});
    const int event = os.eventfd(7, 0);
    const ConstBuffer part = bytes("x");
    const std::array<int, 2> rights = {event, ends[0]};
    say(os, {os.sendmsg(ends[0], {.parts = {&part, 1}, .rights = rights}, 0)});
    std::string text(4, '-');
    const Buffer into = room(text);
    ReceiveMessage got{.parts = {&into, 1}, .most_rights = 4};
    say(os, {os.recvmsg(ends[1], got, 0), got.rights.size(), got.rights.at(0), got.rights.at(1)});
    std::uint64_t count = 0;
    say(os, {os.read(got.rights.at(0), {reinterpret_cast<std::byte*>(&count), 8}), count});
    const int a = os.socket(AF_INET, SOCK_DGRAM, 0), b = os.socket(AF_INET, SOCK_DGRAM, 0);
    const SocketAddress to = SocketAddress::ipv4(INADDR_LOOPBACK, 53);
    SocketAddress from;
    say(os, {os.bind(a, to), os.sendto(b, bytes("abc"), 0, &to), os.recvfrom(a, room(text), 0, &from),
             from.family()});
    return 0;
  }) == Lines{"1:0", "1:1", "1:1 2 6 7", "1:8 7", "1:0 3 3 2"});
}

TEST_CASE("time passes as it should, and compute() takes CPU time", "[real]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    const Instant before = os.clock_gettime();
    say(os, {os.nanosleep(Duration::ms(2)), os.clock_gettime() - before >= Duration::ms(2)});
    timespec cpu{}, later{};
    os.clock_gettime(CLOCK_THREAD_CPUTIME_ID, cpu);
    os.compute(Duration::ms(1));
    say(os, {os.clock_gettime(CLOCK_THREAD_CPUTIME_ID, later),
             (later.tv_sec - cpu.tv_sec) * 1'000'000'000 + later.tv_nsec - cpu.tv_nsec >= 1'000'000,
             os.clock_gettime(99, later)});
    say(os, {before < Instant::at(Duration::s(5))});
    return 0;
  }) == Lines{"1:0 1", "1:0 1 -22", "1:1"});
}

TEST_CASE("counters are the namespace's own, from when the program began", "[real]") {
  RealTest real;
  for (int again = 0; again < 2; ++again) {  // the second in the network of the first, if it was left clean
    real.lines.clear();
    CHECK(real.printed_by([](Syscalls& os) {
      const int client = os.socket(AF_INET, SOCK_STREAM, 0);
      say(os, {os.counter("TcpActiveOpens").value(),
               os.connect(client, SocketAddress::ipv4(INADDR_LOOPBACK, 9))});
      say(os, {os.counter("TcpActiveOpens").value(), os.counter("TcpAttemptFails").value(),
               os.counter("TcpExtListenOverflows").value(), os.counter("TcpNoSuchThing").has_value()});
      return 0;
    }) == Lines{"1:0 -111", "1:1 1 0 0"});
  }
}

}  // namespace stackscope
