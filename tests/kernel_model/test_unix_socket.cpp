// Pairs of Unix sockets, through the door that programs use. What is expected here was asked of Linux 6.18; more of it
// stands in tests/parity/unix_*.lua.

#include <array>
#include <fcntl.h>
#include <string>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tests/kernel_model/support/programs.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

using Fds = std::array<int, 2>;

Fds pair_of(Syscalls& os, int type) {
  Fds fds{};
  REQUIRE(os.socketpair(AF_UNIX, type, 0, fds) == 0);
  return fds;
}
std::int64_t send(Syscalls& os, int fd, std::string_view text, int flags = MSG_DONTWAIT) {
  return os.sendto(fd, {reinterpret_cast<const std::byte*>(text.data()), text.size()}, flags, nullptr);
}
std::int64_t send_zeros(Syscalls& os, int fd, std::size_t size) {
  return os.sendto(fd, {nullptr, size}, MSG_DONTWAIT, nullptr);
}
std::string receive(Syscalls& os, int fd, std::size_t most, int flags = MSG_DONTWAIT) {
  std::string got(most, '\0');
  const std::int64_t n = os.recvfrom(fd, {reinterpret_cast<std::byte*>(got.data()), most}, flags, nullptr);
  return n < 0 ? "error " + std::to_string(-n) : got.substr(0, static_cast<std::size_t>(n));
}
int asked(Syscalls& os, int fd, unsigned long request) {
  int value = -1;
  REQUIRE(os.ioctl(fd, request, value) == 0);
  return value;
}

}  // namespace

TEST_CASE("unix: a stream's bytes run together, a datagram's and a packet's do not", "[unix]") {
  ProgramHost{}.story([](Syscalls& os) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
      const auto [a, b] = pair_of(os, type);
      CHECK(send(os, a, "one") == 3);
      CHECK(send(os, a, "two") == 3);
      CHECK(asked(os, b, FIONREAD) == (type == SOCK_DGRAM ? 3 : 6));
      CHECK(receive(os, b, 10, MSG_DONTWAIT | MSG_PEEK) == (type == SOCK_STREAM ? "onetwo" : "one"));
      CHECK(receive(os, b, 2) == "on");
      CHECK(receive(os, b, 10) == (type == SOCK_STREAM ? "etwo" : "two"));
      CHECK(receive(os, b, 10) == "error " + std::to_string(EAGAIN));
    }
  });
}

TEST_CASE("unix: a sender's account is counted by where the bytes lie, and empty once all is read",
          "[unix]") {
  ProgramHost{}.story([](Syscalls& os) {
    const auto [a, b] = pair_of(os, SOCK_STREAM);
    send_zeros(os, a, 1);
    CHECK(asked(os, a, TIOCOUTQ) == 768);
    send_zeros(os, a, 1000);
    CHECK(asked(os, a, TIOCOUTQ) == 768 + 2304);
    send_zeros(os, a, 5000);  // 904 in the head, 4096 in a page
    CHECK(asked(os, a, TIOCOUTQ) == 768 + 2304 + 2304 + 4096);
    CHECK(receive(os, b, 1) == std::string(1, '\0'));
    CHECK(asked(os, a, TIOCOUTQ) == 2304 + 2304 + 4096);
    CHECK(receive(os, b, 10000).size() == 6000);
    CHECK(asked(os, a, TIOCOUTQ) == 0);
  });
}

TEST_CASE("unix: a full buffer takes no more; a writer is told at a quarter, not before", "[unix]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const auto [a, b] = pair_of(os, SOCK_STREAM);
    int sent = 0;
    while (send_zeros(os, a, 1000) == 1000) ++sent;
    CHECK(sent == 93);  // 212,992 bytes at 2304 each
    const int epoll = os.epoll_create1(0);
    os.epoll_ctl(epoll, EPOLL_CTL_ADD, a, {EPOLLOUT, {}});
    std::array<epoll_event, 1> events{};
    int taken = 0;
    while (os.epoll_wait(epoll, events, 0) == 0) {
      REQUIRE(receive(os, b, 1000).size() == 1000);
      ++taken;
    }
    CHECK(93 - taken == 23);  // 23 * 2304 is the first below a quarter
  });
}

TEST_CASE("unix: one reader of packets is woken for each, and all readers of a stream", "[unix]") {
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    ProgramHost machine;
    machine.story([&](Syscalls& os) {
      const auto [a, b] = pair_of(os, type);
      std::array<int, 3> tids{};
      for (int& tid : tids) {
        tid = os.thread_create([fd = b](Syscalls& its) { receive(its, fd, 10, 0); });
      }
      os.wait_until_blocked(tids);
      std::array<std::int64_t, 3> before{};
      for (std::size_t i = 0; i < 3; ++i) before[i] = os.wakeups(tids[i]);
      send(os, a, "x");
      os.nanosleep(Duration::ms(1));
      int woken = 0;
      for (std::size_t i = 0; i < 3; ++i) woken += os.wakeups(tids[i]) > before[i];
      CHECK(woken == (type == SOCK_DGRAM ? 1 : 3));
      os.close(a);
      os.shutdown(b, SHUT_RDWR);
      for (const int tid : tids) os.thread_join(tid);
    });
  }
}

TEST_CASE("unix: an end that is closed is the end of the other; unread bytes make it a reset", "[unix]") {
  ProgramHost{}.story([](Syscalls& os) {
    const auto [a, b] = pair_of(os, SOCK_STREAM);
    send(os, a, "last words");
    os.close(a);
    CHECK(receive(os, b, 4) == "last");
    CHECK(send(os, b, "x") == -EPIPE);
    CHECK(receive(os, b, 10) == " words");
    CHECK(receive(os, b, 10).empty());

    const auto [c, d] = pair_of(os, SOCK_STREAM);
    send(os, c, "never read");
    os.close(d);
    CHECK(receive(os, c, 10) == "error " + std::to_string(ECONNRESET));
    CHECK(receive(os, c, 10).empty());
  });
}

TEST_CASE("unix: a descriptor travels with the first byte, and holds its file on the way", "[unix]") {
  ProgramHost{}.story([](Syscalls& os) {
    const auto [a, b] = pair_of(os, SOCK_STREAM);
    const int eventfd = os.eventfd(5, EFD_NONBLOCK);
    std::byte byte{};
    const ConstBuffer out{&byte, 1};
    CHECK(os.sendmsg(a, {.parts = {&out, 1}, .to = {}, .rights = {&eventfd, 1}}, 0) == 1);
    os.close(eventfd);
    const Buffer in{&byte, 1};
    ReceiveMessage message;
    message.parts = {&in, 1};
    message.most_rights = 4;
    CHECK(os.recvmsg(b, message, 0) == 1);
    REQUIRE(message.rights.size() == 1);
    std::uint64_t count = 0;
    CHECK(os.read(message.rights.front(), {reinterpret_cast<std::byte*>(&count), sizeof count}) == 8);
    CHECK(count == 5);
  });
}
