// TCP sockets through the door that programs use: results, errors and masks. What is expected here was asked of Linux 6.18.

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include "tests/kernel_model/support/program_machine.hpp"

using namespace stackscope;

TEST_CASE("sockets of kinds that do not exist", "[socket][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    CHECK(os.socket(99, SOCK_STREAM, 0) == -EAFNOSUPPORT);
    CHECK(os.socket(-1, SOCK_STREAM, 0) == -EAFNOSUPPORT);
    CHECK(os.socket(AF_INET, 99, 0) == -EINVAL);
    CHECK(os.socket(AF_INET, 11, 0) == -EINVAL);
    CHECK(os.socket(AF_INET, SOCK_STREAM | 0x10, 0) == -EINVAL);
    CHECK(os.socket(AF_INET, 0, 0) == -ESOCKTNOSUPPORT);
    CHECK(os.socket(AF_INET, SOCK_SEQPACKET, 0) == -ESOCKTNOSUPPORT);
    CHECK(os.socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) == -EPROTONOSUPPORT);
    CHECK(os.socket(AF_INET, SOCK_STREAM, -1) == -EINVAL);
    CHECK(os.socket(AF_INET, SOCK_RAW, 0) == -EPROTONOSUPPORT);
  });
}

TEST_CASE("a socket that is not connected", "[socket][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    SocketAddress name;
    const int s = os.socket(AF_INET, SOCK_STREAM, 0);
    CHECK(revents(os, s) == 0x114);
    CHECK(os.send(s, text("x"), 0) == -EPIPE);
    CHECK(os.send(s, text(""), 0) == -EPIPE);
    CHECK(os.recv(s, room.of(1), 0) == -ENOTCONN);
    CHECK(os.recv(s, room.of(0), 0) == -ENOTCONN);
    CHECK(os.recv(s, room.of(1), MSG_PEEK) == -ENOTCONN);
    CHECK(os.recv(s, room.of(1), MSG_OOB) == -EINVAL);
    CHECK(os.recv(s, room.of(1), MSG_ERRQUEUE) == -EAGAIN);
    CHECK(os.shutdown(s, SHUT_RD) == -ENOTCONN);
    CHECK(os.shutdown(s, 5) == -EINVAL);
    CHECK(os.getpeername(s, name) == -ENOTCONN);
    CHECK((os.getsockname(s, name) == 0 && name.text() == "0.0.0.0:0"));
    CHECK(os.accept4(s, 0) == -EINVAL);
    CHECK(os.accept4(s, 1) == -EINVAL);
    SocketAddress v6 = SocketAddress::ipv6({}, 1), cut = local(1), none;
    cut.set_length(8);
    CHECK(os.connect(s, v6) == -EAFNOSUPPORT);
    CHECK(os.connect(s, cut) == -EINVAL);
    CHECK(os.connect(s, none) == -EINVAL);
    CHECK(os.bind(s, cut) == -EINVAL);
    CHECK(os.bind(s, none) == -EINVAL);
    CHECK(os.bind(s, v6) == -EAFNOSUPPORT);
    CHECK(os.bind(s, local(0, 0x08080808)) == -EADDRNOTAVAIL);
    CHECK(os.connect(s, local(1, ~0u)) == -ENETUNREACH);
    CHECK(os.bind(s, local(0, 0x7f000005)) == 0);
    CHECK(os.bind(s, local(0, 0x7f000005)) == -EINVAL);
  });
}

TEST_CASE("a connection that is refused, again and again", "[socket][calls][connect]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    const int s = os.socket(AF_INET, SOCK_STREAM, 0);
    CHECK(os.connect(s, local(1)) == -ECONNREFUSED);
    CHECK(option(os, s, SOL_SOCKET, SO_ERROR) == 0);
    CHECK(revents(os, s) == 0x114);
    CHECK(os.recv(s, room.of(1), 0) == -ENOTCONN);
    CHECK(os.send(s, text("x"), 0) == -EPIPE);
    CHECK(os.connect(s, local(1)) == -ECONNREFUSED);
    CHECK(os.shutdown(s, SHUT_RDWR) == -ENOTCONN);
    CHECK(os.listen(s, 1) == 0);
    const int n = os.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK(os.connect(n, local(1)) == -EINPROGRESS);
    CHECK(revents(os, n) == 0x215d);
    CHECK(os.connect(n, local(1)) == -ECONNREFUSED);
    CHECK(revents(os, n) == 0x114);
    CHECK(os.connect(n, local(1)) == -EINPROGRESS);
    CHECK(option(os, n, SOL_SOCKET, SO_ERROR) == ECONNREFUSED);
    CHECK(option(os, n, SOL_SOCKET, SO_ERROR) == 0);
    CHECK(revents(os, n) == 0x2155);
    CHECK(os.connect(n, local(1)) == -ECONNABORTED);
    CHECK(os.send(n, text("x"), 0) == -EPIPE);
    CHECK(os.recv(n, room.of(1), 0) == -ENOTCONN);
    CHECK(os.connect(n, local(1)) == -EINPROGRESS);
    CHECK(os.send(n, text("x"), 0) == -ECONNREFUSED);
    CHECK(os.send(n, text("x"), 0) == -EPIPE);
    CHECK(os.recv(n, room.of(1), 0) == 0);
    CHECK(os.connect(n, local(1)) == -ECONNABORTED);
  });
}

TEST_CASE("a listener is no connection", "[socket][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    SocketAddress name;
    const int k = listen_on(os, 7001);
    CHECK(revents(os, k) == 0);
    CHECK(os.send(k, text("x"), 0) == -EPIPE);
    CHECK(os.recv(k, room.of(1), 0) == -ENOTCONN);
    CHECK(os.recv(k, room.of(1), MSG_OOB) == -ENOTCONN);
    CHECK(os.connect(k, local(7001)) == -EISCONN);
    CHECK(os.bind(k, local(7001)) == -EINVAL);
    CHECK(os.listen(k, 3) == 0);
    CHECK(os.getpeername(k, name) == -ENOTCONN);
    CHECK(os.shutdown(k, SHUT_WR) == 0);
    CHECK(revents(os, k) == 0);
    SECTION("shut down, it may listen again") {
      CHECK(os.shutdown(k, SHUT_RD) == 0);
      CHECK(revents(os, k) == 0x114);
      CHECK(os.accept4(k, 0) == -EINVAL);
      CHECK(os.recv(k, room.of(1), 0) == -ENOTCONN);
      CHECK(os.listen(k, 1) == 0);
      CHECK(revents(os, k) == 0);
      CHECK(connected(os, k, 7001).server > 0);
    }
    SECTION("nobody is at 0.0.0.0 but this host") {
      const int c = os.socket(AF_INET, SOCK_STREAM, 0);
      CHECK(os.connect(c, local(7001, 0)) == 0);
      CHECK((os.getpeername(c, name) == 0 && name.text() == "127.0.0.1:7001"));
      SocketAddress peer;
      CHECK(os.accept4(k, &peer, 0) > 0);
      CHECK((os.getsockname(c, name) == 0 && name.text() == peer.text()));
    }
  });
}

TEST_CASE("flags of send and recv", "[socket][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    const int k = listen_on(os, 7001);
    const auto [c, d] = connected(os, k, 7001);
    CHECK(revents(os, c) == 0x104);
    CHECK(os.connect(c, local(7001)) == -EISCONN);
    CHECK(os.listen(c, 1) == -EINVAL);
    CHECK(os.bind(c, local(7001)) == -EINVAL);
    CHECK(os.accept4(c, 0) == -EINVAL);
    CHECK(os.recv(c, room.of(1), MSG_DONTWAIT) == -EAGAIN);
    CHECK(os.recv(c, room.of(0), MSG_DONTWAIT) == -EAGAIN);
    CHECK(os.recv(c, room.of(1), MSG_OOB) == -EINVAL);
    CHECK(os.send(c, text("x"), 0x01000000) == 1);
    CHECK(os.send(c, text("hello"), MSG_ERRQUEUE | MSG_TRUNC | MSG_CTRUNC) == 5);
    CHECK(room.first(os.recv(d, room.of(3), MSG_PEEK)) == "xhe");
    CHECK(os.recv(d, room.of(1), MSG_TRUNC) == 1);
    CHECK(os.recv(d, {nullptr, 2}, MSG_TRUNC) == 2);
    CHECK(os.recv(d, room.of(0), 0) == 0);
    CHECK(room.first(os.recv(d, room.of(10), MSG_WAITALL | MSG_DONTWAIT)) == "llo");
    CHECK(os.recv(d, room.of(10), MSG_WAITALL | MSG_DONTWAIT) == -EAGAIN);
    CHECK(os.close(c) == 0);
    CHECK(os.recv(d, room.of(10), MSG_WAITALL) == 0);
  });
}

TEST_CASE("MSG_WAITALL waits for all, SO_RCVLOWAT for some", "[socket][calls]") {
  ProgramMachine machine;
  machine.story([&](Syscalls& os) {
    const Pair p = connected(os, listen_on(os, 7001), 7001);
    const int d = p.server;
    os.thread_create([c = p.client](Syscalls& own) {
      for (int i = 0; i < 5; ++i) {
        own.nanosleep(Duration::ms(10));
        own.send(c, text("ab"), 0);
      }
    });
    Room room;
    CHECK(room.first(os.recv(d, room.of(5), MSG_WAITALL)) == "ababa");
    CHECK(os.setsockopt(d, SOL_SOCKET, SO_RCVLOWAT, 4) == 0);
    CHECK((revents(os, d) & POLLIN) == 0);
    CHECK(room.first(os.recv(d, room.of(9), 0)) == "babab");
  });
}

TEST_CASE("time-outs of a socket", "[socket][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    const auto [c, d] = connected(os, listen_on(os, 7001), 7001);
    const timeval wait{0, 30'000};
    CHECK(os.setsockopt(d, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0);
    const Instant before = os.clock_gettime();
    CHECK(os.recv(d, room.of(1), 0) == -EAGAIN);
    const Duration waited = os.clock_gettime() - before;
    CHECK(waited > Duration::ms(30));
    CHECK(waited <= Duration::ms(37));  // 8 jiffies and what is left of the one under way
    const timeval bad{0, 2'000'000};
    CHECK(os.setsockopt(d, SOL_SOCKET, SO_RCVTIMEO, &bad, sizeof bad) == -EDOM);
    CHECK(os.setsockopt(d, SOL_SOCKET, SO_RCVTIMEO, &wait, 8) == -EINVAL);
    CHECK(os.setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0);
    std::int64_t sent = 0, last = 0;
    while ((last = os.send(c, {nullptr, 1 << 20}, 0)) > 0) sent += last;
    CHECK(last == -EAGAIN);
    CHECK(sent > 100'000);
  });
}

TEST_CASE("urgent data", "[socket][calls][urgent]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    int value = -1;
    const auto [c, d] = connected(os, listen_on(os, 7001), 7001);
    const auto mark = [&] { return os.ioctl(d, SIOCATMARK, value), value; };
    const auto unread = [&] { return os.ioctl(d, FIONREAD, value), value; };
    CHECK(os.send(c, text("abc"), MSG_OOB) == 3);
    CHECK(revents(os, d) == 0x147);
    CHECK(mark() == 0);
    CHECK(unread() == 2);
    CHECK(room.first(os.recv(d, room.of(10), 0)) == "ab");
    CHECK(mark() == 1);
    CHECK(unread() == 0);
    CHECK(revents(os, d) == 0x106);
    CHECK(room.first(os.recv(d, room.of(10), MSG_OOB)) == "c");
    CHECK(revents(os, d) == 0x104);
    CHECK(os.recv(d, room.of(10), MSG_OOB) == -EINVAL);
    CHECK(os.recv(d, room.of(10), MSG_DONTWAIT) == -EAGAIN);
    CHECK(mark() == 0);
    CHECK(os.send(c, text("de"), 0) == 2);
    CHECK(unread() == 2);
    CHECK(room.first(os.recv(d, room.of(10), 0)) == "de");
    CHECK(os.recv(d, room.of(10), MSG_OOB) == -EINVAL);
    SECTION("a read stops before it, and skips it") {
      CHECK(os.send(c, text("pq"), MSG_OOB) == 2);
      CHECK(os.send(c, text("rs"), 0) == 2);
      CHECK(room.first(os.recv(d, room.of(10), MSG_PEEK)) == "p");
      CHECK(room.first(os.recv(d, room.of(10), 0)) == "p");
      CHECK(room.first(os.recv(d, room.of(10), 0)) == "rs");
      CHECK(os.recv(d, room.of(10), MSG_OOB) == -EINVAL);
    }
    SECTION("or finds it in the stream") {
      os.setsockopt(d, SOL_SOCKET, SO_OOBINLINE, 1);
      CHECK(os.send(c, text("xyz"), MSG_OOB) == 3);
      CHECK(revents(os, d) == 0x147);
      CHECK(os.recv(d, room.of(10), MSG_OOB) == -EINVAL);
      CHECK(room.first(os.recv(d, room.of(10), 0)) == "xy");
      CHECK(mark() == 1);
      CHECK(revents(os, d) == 0x147);
      CHECK(room.first(os.recv(d, room.of(10), 0)) == "z");
      CHECK(revents(os, d) == 0x104);
    }
  });
}

TEST_CASE("shutdown in all states", "[socket][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    SocketAddress name;
    const auto [c, d] = connected(os, listen_on(os, 7001), 7001);
    CHECK(os.shutdown(c, SHUT_WR) == 0);
    CHECK(revents(os, c) == 0x104);
    CHECK(revents(os, d) == 0x2145);
    CHECK(os.send(c, text("x"), 0) == -EPIPE);
    CHECK(os.recv(d, room.of(1), 0) == 0);
    CHECK(os.recv(d, room.of(1), MSG_OOB) == -EINVAL);
    CHECK(os.shutdown(c, SHUT_WR) == 0);
    CHECK(os.shutdown(c, SHUT_RD) == 0);
    CHECK(revents(os, c) == 0x2155);
    CHECK(os.recv(c, room.of(1), 0) == 0);
    CHECK(os.send(d, text("x"), 0) == 1);
    CHECK(revents(os, c) == 0x215d);
    CHECK(revents(os, d) == 0x215d);
    CHECK(os.recv(c, room.of(1), 0) == -ECONNRESET);
    CHECK(os.shutdown(d, SHUT_RDWR) == -ENOTCONN);
    CHECK(os.recv(d, room.of(1), 0) == 0);
    CHECK(os.send(d, text("x"), 0) == -EPIPE);
    CHECK(os.getpeername(d, name) == -ENOTCONN);
    CHECK((os.getsockname(d, name) == 0 && name.port() == 7001));
    CHECK(os.connect(d, local(7001)) == -EISCONN);
    CHECK(os.connect(c, local(7001)) == -EISCONN);
  });
}

TEST_CASE("SO_LINGER: nothing resets, a time waits", "[socket][calls][linger]") {
  ProgramMachine machine;
  machine.story([](Syscalls& os) {
    Room room;
    SocketAddress name;
    const int k = listen_on(os, 7001);
    const auto [c, d] = connected(os, k, 7001);
    const linger at_once{1, 0};
    CHECK(os.setsockopt(c, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    CHECK(os.setsockopt(c, SOL_SOCKET, SO_LINGER, &at_once, 4) == -EINVAL);
    os.close(c);
    CHECK(revents(os, d) == 0x215d);
    CHECK(os.getpeername(d, name) == -ENOTCONN);
    CHECK(os.send(d, text("x"), 0) == -ECONNRESET);
    CHECK(os.send(d, text("x"), 0) == -EPIPE);
    CHECK(os.recv(d, room.of(1), 0) == 0);
    CHECK(revents(os, d) == 0x2155);
    const auto [e, f] = connected(os, k, 7001);
    const linger a_while{1, 1};
    os.setsockopt(e, SOL_SOCKET, SO_LINGER, &a_while, sizeof a_while);
    os.fcntl(e, F_SETFL, O_NONBLOCK);
    while (os.send(e, {nullptr, 100'000}, 0) > 0) continue;
    const Instant before = os.clock_gettime();
    os.close(e);  // the reader does not read
    CHECK(os.clock_gettime() - before >= Duration::s(1));
    CHECK(f > 0);
  });
}

TEST_CASE("AF_UNSPEC ends a connection, and the socket may connect again", "[socket][calls][connect]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    SocketAddress name, none = local(0, 0);
    none.data()->sa_family = AF_UNSPEC;
    const int k = listen_on(os, 7001);
    auto [c, d] = connected(os, k, 7001);
    CHECK(os.connect(c, none) == 0);
    CHECK(revents(os, c) == 0x11c);
    CHECK(revents(os, d) == 0x215d);
    CHECK(os.recv(d, room.of(1), 0) == -ECONNRESET);
    CHECK((os.getsockname(c, name) == 0 && name.port() != 0 && name.ipv4_address() == 0));
    CHECK(os.connect(c, local(7001)) == 0);
    d = os.accept4(k, 0);
    CHECK(os.shutdown(c, SHUT_RD) == 0);
    CHECK(os.send(d, text("zz"), 0) == 2);
    CHECK(revents(os, c) == 0x2145);
    CHECK(room.first(os.recv(c, room.of(1), 0)) == "z");
    CHECK(room.first(os.recv(c, room.of(5), 0)) == "z");
    CHECK(os.recv(c, room.of(5), 0) == 0);
    CHECK(os.connect(k, none) == 0);
    CHECK(revents(os, k) == 0x114);
    CHECK(os.listen(k, 1) == 0);
    CHECK(revents(os, k) == 0);
  });
}

TEST_CASE("who may have a port", "[socket][calls][ports]") {
  ProgramMachine{}.story([](Syscalls& os) {
    SocketAddress name;
    const auto fresh = [&](bool reuse = false) {
      const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
      os.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
      return fd;
    };
    const int k = listen_on(os, 7001);
    SECTION("addresses that differ do not meet, but all of them meet each") {
      CHECK(os.bind(fresh(), local(7001, 0x7f000002)) == 0);
      CHECK(os.bind(fresh(), local(7001)) == -EADDRINUSE);
      CHECK(os.bind(fresh(), local(7001, 0)) == -EADDRINUSE);
    }
    SECTION("a port that connect() chose is seen by bind()") {
      const int c = connected(os, k, 7001).client;
      os.getsockname(c, name);
      CHECK(os.bind(fresh(), name) == -EADDRINUSE);
      CHECK(os.bind(fresh(true), name) == -EADDRINUSE);
      os.setsockopt(c, SOL_SOCKET, SO_REUSEADDR, 1);
      CHECK(os.bind(fresh(true), name) == 0);
    }
    SECTION("one that was chosen for a refused connection is free again") {
      const int c = fresh();
      CHECK(os.connect(c, local(1)) == -ECONNREFUSED);
      os.getsockname(c, name);
      CHECK(os.bind(fresh(), local(name.port())) == 0);
    }
    SECTION("one that was bound stays") {
      const int c = fresh();
      CHECK(os.bind(c, local(9000)) == 0);
      CHECK(os.connect(c, local(1)) == -ECONNREFUSED);
      CHECK(os.bind(fresh(), local(9000)) == -EADDRINUSE);
    }
    SECTION("of two that share a port one may listen") {
      const int a = fresh(true), b = fresh(true);
      CHECK(os.bind(a, local(9000)) == 0);
      CHECK(os.bind(b, local(9000)) == 0);
      CHECK(os.listen(a, 1) == 0);
      CHECK(os.listen(b, 1) == -EADDRINUSE);
    }
  });
}

TEST_CASE("options: lengths, ranges and what is kept", "[socket][calls][options]") {
  ProgramMachine{}.story([](Syscalls& os) {
    const int s = os.socket(AF_INET, SOCK_STREAM, 0);
    const auto set = [&](int level, int name, int value) {
      const int result = os.setsockopt(s, level, name, value);
      return result < 0 ? result : option(os, s, level, name);
    };
    const char byte = 1;
    CHECK(os.setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &byte, 1) == -EINVAL);
    CHECK(os.setsockopt(s, SOL_SOCKET, 200, &byte, 1) == -EINVAL);
    CHECK(os.setsockopt(s, IPPROTO_IP, IP_TTL, &byte, 1) == 0);
    CHECK(option(os, s, IPPROTO_IP, IP_TTL) == 1);
    CHECK(set(SOL_SOCKET, 200, 1) == -ENOPROTOOPT);
    CHECK(set(IPPROTO_UDP, 1, 1) == -ENOPROTOOPT);
    CHECK(option(os, s, IPPROTO_UDP, 1) == -EOPNOTSUPP);
    CHECK(set(SOL_SOCKET, SO_KEEPALIVE, -1) == 1);
    CHECK(set(SOL_SOCKET, SO_PRIORITY, -1) == -1);
    CHECK(set(SOL_SOCKET, SO_BUSY_POLL, -1) == -EINVAL);
    CHECK(set(SOL_SOCKET, SO_RCVBUF, 1) == 2304);
    CHECK(set(SOL_SOCKET, SO_SNDBUF, 1) == 4608);
    CHECK(set(SOL_SOCKET, SO_RCVBUF, -1) == 8388608);
    CHECK(set(SOL_SOCKET, SO_RCVLOWAT, 0) == 1);
    CHECK(set(SOL_SOCKET, SO_SNDLOWAT, 5) == -ENOPROTOOPT);
    CHECK(option(os, s, SOL_SOCKET, SO_SNDLOWAT) == 1);
    CHECK(set(SOL_SOCKET, SO_TYPE, 1) == -ENOPROTOOPT);
    CHECK(option(os, s, SOL_SOCKET, SO_TYPE) == SOCK_STREAM);
    CHECK(option(os, s, SOL_SOCKET, SO_DOMAIN) == AF_INET);
    CHECK(option(os, s, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP);
    CHECK(set(SOL_SOCKET, SO_PASSCRED, 1) == -EOPNOTSUPP);
    CHECK(set(IPPROTO_IP, IP_TOS, 5) == 4);
    CHECK(set(IPPROTO_IP, IP_TTL, -1) == 64);
    CHECK(set(IPPROTO_IP, IP_TTL, 300) == -EINVAL);
    CHECK(option(os, s, IPPROTO_IP, IP_MTU) == -ENOTCONN);
    CHECK(option(os, s, IPPROTO_TCP, TCP_MAXSEG) == 536);
    CHECK(set(IPPROTO_TCP, TCP_MAXSEG, 5) == -EINVAL);
    CHECK(set(IPPROTO_TCP, TCP_MAXSEG, 300) == 300);
    CHECK(set(IPPROTO_TCP, TCP_KEEPIDLE, 0) == -EINVAL);
    CHECK(set(IPPROTO_TCP, TCP_KEEPCNT, 5) == 5);
    CHECK(set(IPPROTO_TCP, TCP_LINGER2, 300) == 120);
    CHECK(set(IPPROTO_TCP, TCP_DEFER_ACCEPT, 5) == 7);
    CHECK(set(IPPROTO_TCP, TCP_DEFER_ACCEPT, 300) == 367);
    CHECK(set(IPPROTO_TCP, TCP_WINDOW_CLAMP, 5) == 1152);
    CHECK(set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, -1) == -1);
    CHECK(set(IPPROTO_TCP, TCP_FASTOPEN, 70000) == 4096);
    char name[16] = {};
    socklen_t length = sizeof name;
    CHECK(os.getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name, length) == 0);
    CHECK((length == 16 && std::string_view(name) == "cubic"));
    CHECK(os.setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "nosuch", 6) == -ENOENT);
    CHECK(os.setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) == 0);
  });
}

TEST_CASE("TCP_DEFER_ACCEPT: a connection counts once it has data", "[socket][calls][options]") {
  ProgramMachine{}.story([](Syscalls& os) {
    const int k = listen_on(os, 7001);
    os.setsockopt(k, IPPROTO_TCP, TCP_DEFER_ACCEPT, 3);
    os.fcntl(k, F_SETFL, O_NONBLOCK);
    const int c = os.socket(AF_INET, SOCK_STREAM, 0);
    CHECK(os.connect(c, local(7001)) == 0);
    CHECK(os.accept4(k, 0) == -EAGAIN);
    CHECK(os.send(c, text("now"), 0) == 3);
    const int d = os.accept4(k, 0);
    REQUIRE(d > 0);
    Room room;
    CHECK(room.first(os.recv(d, room.of(9), 0)) == "now");
  });
}

TEST_CASE("TCP_INFO says what the connection is like", "[socket][calls][options]") {
  ProgramMachine{}.story([](Syscalls& os) {
    const auto [c, d] = connected(os, listen_on(os, 7001), 7001);
    os.send(c, text("hello"), 0);
    tcp_info info{};
    socklen_t length = sizeof info;
    CHECK(os.getsockopt(d, IPPROTO_TCP, TCP_INFO, &info, length) == 0);
    CHECK(info.tcpi_state == 1);
    CHECK(info.tcpi_pmtu == 65535);
    CHECK(info.tcpi_snd_cwnd == 10);
    CHECK(info.tcpi_rcv_mss == 536);
  });
}
