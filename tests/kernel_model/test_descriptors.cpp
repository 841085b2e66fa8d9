// dup2, dup3, fcntl, readv, writev and ioctl, through the door that programs use. What is expected here was asked of
// Linux 6.18.

#include <catch2/catch.hpp>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <functional>
#include <linux/sockios.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/trace.hpp"

using namespace stackscope;

namespace {

/// One process on a host with one CPU whose costs are nothing.
class Machine {
 public:
  Machine() : host_(shared_, config(), costs_), process_(host_.create_process()) {
    trace_.set_observer(
        [this](const RawRecord& record) { log += std::string(schema_.kind(record.header.kind).name) + " "; });
    thread([](Syscalls& os) { os.nanosleep(Duration::s(1'000'000)); });  // the process lives from story to story
  }
  /// Runs until all is quiet; fails if the thread does not end.
  void story(const std::function<void(Syscalls&)>& body) {
    bool ended = false;
    thread([&](Syscalls& os) { body(os), ended = true; });
    run();
    REQUIRE(ended);
  }
  void thread(std::function<void(Syscalls&)> body) {
    ModelSyscalls& os = syscalls_.emplace_back(host_, process_, static_cast<int>(syscalls_.size()));
    host_.create_thread(process_, {.comm = "thread", .process = process_.id},
                        [&os, body = std::move(body)] { body(os); });
  }
  void run() { engine_.run_until(engine_.now() + Duration::s(1)); }

  std::string log;  // the kinds of all records

 private:
  static HostConfig config() {
    HostConfig made;
    made.name = "server", made.cpus = 1, made.hz = Hz{250}, made.address = 0x0a000001;
    return made;
  }
  Engine engine_;
  Schema schema_ = Schema::of<Records>();
  HashOnly sink_;
  Trace trace_{engine_.moment(), schema_, sink_};
  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_{{"server", 0x0a000001}};
  Shared shared_{engine_, trace_, packets_, streams_, addresses_, 1};
  Costs costs_;
  Host host_;
  Process& process_;
  std::deque<ModelSyscalls> syscalls_;
};

template <class T>
Buffer into(T& object) {
  return {reinterpret_cast<std::byte*>(&object), sizeof object};
}
ConstBuffer bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
ConstBuffer value_of(const std::uint64_t& value) {
  return {reinterpret_cast<const std::byte*>(&value), sizeof value};
}
std::uint64_t count_of(Syscalls& os, int eventfd) {
  std::uint64_t value = 0;
  return os.read(eventfd, into(value)) == 8 ? value : 0;
}
int asked(Syscalls& os, int fd, unsigned long request) {
  int value = -7;
  const int result = os.ioctl(fd, request, value);
  return result < 0 ? result : value;
}
int told(Syscalls& os, int fd, unsigned long request, int value) { return os.ioctl(fd, request, value); }

struct Connection {
  int listener, client, server;
};
Connection connection(Syscalls& os, int accept_flags = SOCK_NONBLOCK) {
  sockaddr_in address{};
  address.sin_family = AF_INET, address.sin_port = htons(80), address.sin_addr.s_addr = htonl(0x7f000001);
  Connection made{};
  made.listener = os.socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(os.bind(made.listener, address) == 0);
  REQUIRE(os.listen(made.listener, 8) == 0);
  made.client = os.socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(os.connect(made.client, address) == 0);
  made.server = os.accept4(made.listener, accept_flags);
  REQUIRE(made.server > 0);
  return made;
}

}  // namespace

TEST_CASE("dup2 and dup3: the order in which they refuse", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const int fd = os.eventfd(0, EFD_NONBLOCK), limit = 1 << 20;
    CHECK(os.dup2(fd, fd) == fd);
    CHECK(os.dup2(40, 40) == -EBADF);
    CHECK(os.dup2(-1, -1) == -EBADF);
    CHECK(os.dup2(fd, limit) == -EBADF);
    CHECK(os.dup2(fd, -1) == -EBADF);
    CHECK(os.dup2(40, 41) == -EBADF);
    CHECK(os.dup3(fd, fd, 0) == -EINVAL);
    CHECK(os.dup3(40, 40, 0) == -EINVAL);
    CHECK(os.dup3(fd, limit, O_NONBLOCK) == -EINVAL);
    CHECK(os.dup3(fd, limit, 0) == -EBADF);
    CHECK(os.dup2(fd, 1) == 1);  // as a server does with its standard output
    CHECK(os.dup2(fd, 200) == 200);
    const std::uint64_t five = 5;
    CHECK(os.write(200, value_of(five)) == 8);
    CHECK(count_of(os, 1) == 5);
    CHECK(os.dup(fd) == fd + 1);  // the lowest free number is what it was
  });
}

TEST_CASE("dup2: the file that had the number goes when the new one is in its place", "[descriptors]") {
  Machine machine;
  machine.story([&](Syscalls& os) {
    const int kept = os.eventfd(1, EFD_NONBLOCK), lost = os.eventfd(2, EFD_NONBLOCK);
    machine.log.clear();
    CHECK(os.dup2(kept, lost) == lost);
    CHECK(machine.log.find("file:fd_closed file:fd_installed file:released") != std::string::npos);
    CHECK(count_of(os, lost) == 1);
    machine.log.clear();
    CHECK(os.dup2(kept, lost) == lost);  // the same file again: nothing is released
    CHECK(machine.log.find("file:released") == std::string::npos);
    CHECK(os.close(kept) == 0);
    CHECK(machine.log.find("file:released") == std::string::npos);
    CHECK(os.close(lost) == 0);
    CHECK(machine.log.find("file:released") != std::string::npos);
  });
}

TEST_CASE("dup2: a number that a blocked accept holds is busy", "[descriptors]") {
  Machine machine;
  int listener = -1, other = -1, accepted = -1;
  sockaddr_in address{};
  address.sin_family = AF_INET, address.sin_port = htons(80), address.sin_addr.s_addr = htonl(0x7f000001);
  machine.story([&](Syscalls& os) {
    listener = os.socket(AF_INET, SOCK_STREAM, 0);
    CHECK(os.bind(listener, address) == 0);
    CHECK(os.listen(listener, 8) == 0);
    other = os.eventfd(0, 0);
  });
  machine.thread([&](Syscalls& os) { accepted = os.accept4(listener, 0); });
  machine.run();
  machine.story([&](Syscalls& os) {
    CHECK(os.dup2(other, other + 1) == -EBUSY);
    CHECK(os.dup3(other, other + 1, O_CLOEXEC) == -EBUSY);
    CHECK(os.connect(os.socket(AF_INET, SOCK_STREAM, 0), address) == 0);
  });
  CHECK(accepted == other + 1);
  machine.story([&](Syscalls& os) { CHECK(os.dup2(other, accepted) == accepted); });
}

TEST_CASE("fcntl: F_DUPFD takes the lowest number from its argument on", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const int fd = os.eventfd(0, 0), limit = 1 << 20;
    CHECK(os.fcntl(99, F_DUPFD, -1) == -EBADF);
    CHECK(os.fcntl(99, 12345, 0) == -EBADF);
    CHECK(os.fcntl(fd, 12345, 0) == -EINVAL);
    CHECK(os.fcntl(fd, F_DUPFD, -1) == -EINVAL);
    CHECK(os.fcntl(fd, F_DUPFD, limit) == -EINVAL);
    CHECK(os.fcntl(fd, F_DUPFD, limit - 1) == limit - 1);
    CHECK(os.fcntl(fd, F_DUPFD, limit - 1) == -EMFILE);
    CHECK(os.fcntl(fd, F_DUPFD, 62) == 62);
    CHECK(os.fcntl(fd, F_DUPFD, 62) == 63);
    CHECK(os.fcntl(fd, F_DUPFD, 62) == 64);
    CHECK(os.fcntl(fd, F_DUPFD, 0) == fd + 1);
    CHECK(os.dup(fd) == fd + 2);
  });
}

TEST_CASE("close-on-exec belongs to the descriptor, not to the file", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const auto flag = [&](int fd) { return os.fcntl(fd, F_GETFD, 0); };
    const int fd = os.eventfd(0, EFD_CLOEXEC);
    CHECK(flag(fd) == FD_CLOEXEC);
    CHECK(flag(os.eventfd(0, 0)) == 0);
    CHECK(flag(os.epoll_create1(EPOLL_CLOEXEC)) == FD_CLOEXEC);
    CHECK(flag(os.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == FD_CLOEXEC);
    const Connection made = connection(os, SOCK_CLOEXEC);
    CHECK(flag(made.server) == FD_CLOEXEC);
    CHECK(flag(made.listener) == 0);
    CHECK(flag(os.dup(fd)) == 0);
    CHECK(flag(os.fcntl(fd, F_DUPFD, 50)) == 0);
    CHECK(flag(os.fcntl(fd, F_DUPFD_CLOEXEC, 50)) == FD_CLOEXEC);
    CHECK(flag(os.dup3(fd, 60, O_CLOEXEC)) == FD_CLOEXEC);
    CHECK(flag(os.dup2(fd, 60)) == 0);
    CHECK(os.fcntl(60, F_SETFD, 3) == 0);
    CHECK(flag(60) == FD_CLOEXEC);
    CHECK(os.fcntl(60, F_SETFD, 0xfe) == 0);
    CHECK(flag(60) == 0);
    CHECK(told(os, 60, FIOCLEX, 0) == 0);
    CHECK(flag(60) == FD_CLOEXEC);
    CHECK(told(os, 60, FIONCLEX, 0) == 0);
    CHECK(flag(60) == 0);
    CHECK(os.close(fd) == 0);
    CHECK(os.eventfd(0, 0) == fd);
    CHECK(flag(fd) == 0);  // of the old one nothing is left
  });
}

TEST_CASE("file flags: what F_SETFL, FIONBIO and FIOASYNC change, by kind", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const int socket = os.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), eventfd = os.eventfd(0, 0);
    CHECK(os.fcntl(socket, F_GETFL, 0) == (O_RDWR | O_NONBLOCK));
    for (const int fd : {socket, eventfd, os.epoll_create1(0)}) {
      const auto flags = [&] { return os.fcntl(fd, F_GETFL, 0); };
      const bool is_socket = fd == socket;
      CHECK(os.fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY) == 0);
      CHECK(flags() == (O_RDWR | O_APPEND | O_NONBLOCK));
      CHECK(os.fcntl(fd, F_SETFL, O_ASYNC) == 0);
      CHECK(flags() == (O_RDWR | (is_socket ? O_ASYNC : 0)));
      CHECK(os.fcntl(fd, F_SETFL, O_DIRECT) == -EINVAL);
      CHECK(os.fcntl(fd, F_SETFL, O_NOATIME) == 0);
      CHECK(flags() == (O_RDWR | O_NOATIME));
      CHECK(os.fcntl(fd, F_SETFL, O_SYNC | O_CREAT | O_CLOEXEC) == 0);
      CHECK(flags() == O_RDWR);
      CHECK(told(os, fd, FIONBIO, 2) == 0);
      CHECK(flags() == (O_RDWR | O_NONBLOCK));
      CHECK(told(os, fd, FIONBIO, 0) == 0);
      CHECK(told(os, fd, FIOASYNC, 1) == (is_socket ? 0 : -ENOTTY));
      CHECK(flags() == (O_RDWR | (is_socket ? O_ASYNC : 0)));
      CHECK(told(os, fd, FIOASYNC, 0) == 0);
      CHECK(flags() == O_RDWR);
    }
    CHECK(told(os, eventfd, FIONBIO, 1) == 0);
    CHECK(os.read(eventfd, {nullptr, 8}) == -EAGAIN);
  });
}

TEST_CASE("readv and writev: what is checked before the file is asked", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const int eventfd = os.eventfd(0, EFD_NONBLOCK), epoll = os.epoll_create1(0);
    const int socket = os.socket(AF_INET, SOCK_STREAM, 0);
    const std::vector<Buffer> many(1025, Buffer{nullptr, 1});
    const std::vector<ConstBuffer> most(1024, ConstBuffer{nullptr, 1});
    CHECK(os.readv(99, many) == -EBADF);
    CHECK(os.readv(eventfd, many) == -EINVAL);
    CHECK(os.readv(socket, many) == -EINVAL);
    CHECK(os.writev(socket, most) == -EPIPE);
    for (const int fd : {eventfd, socket}) {
      CHECK(os.readv(fd, {}) == 0);
      CHECK(os.readv(fd, std::array{Buffer{}, Buffer{}}) == 0);
      CHECK(os.writev(fd, {}) == 0);
    }
    CHECK(os.write(eventfd, {}) == -EINVAL);  // a single write of nothing does ask it
    CHECK(os.write(socket, {}) == -EPIPE);
    CHECK(os.read(socket, {}) == 0);
    CHECK(os.read(socket, {nullptr, 1}) == -ENOTCONN);
    CHECK(os.readv(epoll, {}) == -EINVAL);
    CHECK(os.writev(epoll, {}) == -EINVAL);
  });
}

TEST_CASE("an eventfd is read as one and written part by part", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const int fd = os.eventfd(0, EFD_NONBLOCK), semaphore = os.eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
    const std::uint64_t five = 5, nearly = UINT64_MAX - 1, wide = 0x1122334455667788;
    const ConstBuffer part = value_of(five), half{part.data, 4}, none{part.data, 0};
    CHECK(os.writev(fd, std::array{part, part}) == 16);
    CHECK(count_of(os, fd) == 10);
    CHECK(os.writev(fd, std::array{part, half}) == 8);
    CHECK(count_of(os, fd) == 5);
    CHECK(os.writev(fd, std::array{half, half}) == -EINVAL);
    CHECK(os.writev(fd, std::array{none, part}) == -EINVAL);
    CHECK(os.writev(fd, std::array{part, none}) == 8);
    CHECK(count_of(os, fd) == 5);
    CHECK(os.writev(fd, std::array{value_of(nearly), part}) == 8);  // the second finds no room
    CHECK(count_of(os, fd) == nearly);

    CHECK(os.write(fd, value_of(wide)) == 8);
    std::uint32_t low = 0, high = 0;
    CHECK(os.readv(fd, std::array{into(low)}) == -EINVAL);
    CHECK(os.readv(fd, std::array{into(low), into(high)}) == 8);
    CHECK(low == 0x55667788);
    CHECK(high == 0x11223344);
    std::uint64_t first = 0, second = 0;
    CHECK(os.readv(semaphore, std::array{into(first), into(second)}) == 8);
    CHECK(first == 1);
    CHECK(second == 0);
  });
}

TEST_CASE("a socket's writev is one segment, its readv one receive that fills parts in order",
          "[descriptors]") {
  Machine machine;
  machine.story([&](Syscalls& os) {
    const Connection made = connection(os);
    machine.log.clear();
    CHECK(os.writev(made.client, std::array{bytes("ab"), ConstBuffer{}, bytes("cde")}) == 5);
    CHECK(machine.log.find("tcp:tcp_sendmsg_locked") == machine.log.rfind("tcp:tcp_sendmsg_locked"));
    os.nanosleep(Duration::ms(1));
    CHECK(asked(os, made.server, FIONREAD) == 5);
    char first[3]{}, second[9]{};
    const Buffer one{reinterpret_cast<std::byte*>(first), 2}, other{reinterpret_cast<std::byte*>(second), 8};
    machine.log.clear();
    CHECK(os.readv(made.server, std::array{one, Buffer{nullptr, 1}, other}) == 5);
    CHECK(machine.log.find("sock:sock_recv_length") == machine.log.rfind("sock:sock_recv_length"));
    CHECK(std::string(first) == "ab");
    CHECK(std::string(second) == "de");  // the dropped part had its byte
    CHECK(os.readv(made.server, std::array{one, other}) == -EAGAIN);
  });
}

TEST_CASE("a blocked writev sends everything in order, however often it has to wait", "[descriptors]") {
  Machine machine;
  Connection made{};
  const std::string a(700'000, 'a'), b(900'000, 'b');
  std::int64_t written = 0;
  std::string got;
  machine.story([&](Syscalls& os) { made = connection(os, 0); });
  machine.thread([&](Syscalls& os) {
    CHECK(os.setsockopt(made.client, SOL_SOCKET, SO_SNDBUF, 20'000) == 0);
    written = os.writev(made.client, std::array{bytes(a), bytes(b)});
    os.shutdown(made.client, SHUT_WR);
  });
  machine.thread([&](Syscalls& os) {
    std::string first(1'000, '.'), second(5'000, '.');
    for (;;) {
      const std::array parts{Buffer{reinterpret_cast<std::byte*>(first.data()), first.size()},
                             Buffer{reinterpret_cast<std::byte*>(second.data()), second.size()}};
      const std::int64_t n = os.readv(made.server, parts);
      if (n <= 0) break;
      got += (first + second).substr(0, static_cast<std::size_t>(n));
    }
  });
  for (int i = 0; i < 20; ++i) machine.run();
  CHECK(written == 1'600'000);
  CHECK((got == a + b));
}

TEST_CASE("ioctl: what lies unread and what is not acknowledged; a FIN is no byte to read", "[descriptors]") {
  Machine machine;
  machine.story([](Syscalls& os) {
    const Connection made = connection(os);
    for (const unsigned long request : {FIONREAD, SIOCOUTQ, SIOCOUTQNSD}) {
      CHECK(asked(os, made.listener, request) == -EINVAL);
      CHECK(asked(os, os.socket(AF_INET, SOCK_STREAM, 0), request) == 0);
      CHECK(asked(os, made.client, request) == 0);
    }
    CHECK(asked(os, made.listener, SIOCATMARK) == 0);
    CHECK(os.write(made.client, bytes("abc")) == 3);
    CHECK(asked(os, made.client, SIOCOUTQNSD) == 0);  // all is on its way
    CHECK(os.shutdown(made.client, SHUT_WR) == 0);
    os.nanosleep(Duration::ms(1));
    CHECK(asked(os, made.server, FIONREAD) == 3);
    CHECK(os.read(made.server, {nullptr, 3}) == 3);
    CHECK(asked(os, made.server, FIONREAD) == 0);
    CHECK(os.read(made.server, {nullptr, 3}) == 0);
    CHECK(os.write(made.server, {nullptr, 4'000'000}) > 1000);
    CHECK(asked(os, made.server, SIOCOUTQ) > asked(os, made.server, SIOCOUTQNSD));
    CHECK(asked(os, made.server, SIOCOUTQNSD) > 0);  // more than the peer's window
  });
}

TEST_CASE("ioctl: what no file of a kind knows is ENOTTY, and EINVAL of an epoll instance", "[descriptors]") {
  constexpr unsigned long kGetParameters = 0x80088a02;  // EPIOCGPARAMS
  Machine machine;
  machine.story([](Syscalls& os) {
    const int eventfd = os.eventfd(0, 0), epoll = os.epoll_create1(0);
    CHECK(asked(os, 99, FIONREAD) == -EBADF);
    for (const unsigned long request :
         {std::uint64_t{FIONREAD}, std::uint64_t{SIOCOUTQ}, std::uint64_t{0x12345678}}) {
      CHECK(asked(os, eventfd, request) == -ENOTTY);
      CHECK(asked(os, epoll, request) == -EINVAL);
    }
    CHECK(asked(os, os.socket(AF_INET, SOCK_STREAM, 0), 0x12345678) == -ENOTTY);
    CHECK(asked(os, epoll, FIOQSIZE) == -ENOTTY);
    CHECK(asked(os, epoll, kGetParameters) == 0);
    CHECK(asked(os, eventfd, kGetParameters) == -ENOTTY);
  });
}
