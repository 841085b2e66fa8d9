// Small happenings around a connection, an eventfd and a futex: the model's events beside those of the real kernel
// (docs/measurements/sequence_*.events). The programs are those of docs/measurements/src/sequence.c.

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "tests/runner/kernel_events.hpp"
#include "tests/runner/measured_host.hpp"
#include "userland/sockets.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

constexpr unsigned kWord = 0, kEventFd = 1;

/// Listens, watches listener and eventfd, takes connections, answers what it reads, and closes at the end.
void server(Syscalls& os) {
  const int listener = listen_on(os, {.port = 80, .backlog = 128, .reuseport = false, .blocking = true});
  const int ep = os.epoll_create1(0);
  const int event_fd = os.eventfd(0, 0);
  os.store(kEventFd, static_cast<std::uint32_t>(event_fd));
  watch(os, ep, EPOLL_CTL_ADD, listener, EPOLLIN, static_cast<std::uint64_t>(listener));
  watch(os, ep, EPOLL_CTL_ADD, event_fd, EPOLLIN, static_cast<std::uint64_t>(event_fd));
  for (std::array<epoll_event, 1> events;;) {
    os.epoll_wait(ep, events, -1);
    const int fd = static_cast<int>(events[0].data.u64);
    if (fd == listener) {
      const int connection = os.accept4(listener, SOCK_CLOEXEC);
      watch(os, ep, EPOLL_CTL_ADD, connection, EPOLLIN, static_cast<std::uint64_t>(connection));
      continue;
    }
    const std::int64_t n = os.read(fd, {nullptr, 65536});
    if (n <= 0) {
      os.close(fd);
    } else if (fd != event_fd) {
      os.write(fd, {nullptr, static_cast<std::size_t>(n)});
    }
  }
}

void futex_server(Syscalls& os) {
  for (;;) os.futex_wait(kWord, 0, Duration::max());
}

int connected(Syscalls& os) {
  const int fd = connect_to(os, "server", 80, false);
  os.nanosleep(Duration::ms(3));
  return fd;
}

/// Three times what the client does, 3 ms apart; the last is compared.
struct Story {
  void (*server_body)(Syscalls&) = server;
  void (*client_body)(Syscalls&);
  bool two_cpus = false;

  KernelEvents events() const {
    MeasuredHost machine(two_cpus ? 2 : 1);
    const std::uint8_t server_cpu = two_cpus ? 1 : 0;
    // Where it was measured other programs ran beside, so that no CPU was idle.
    for (std::uint8_t cpu = 0; cpu <= server_cpu; ++cpu) machine.hog(cpu);
    machine.thread("server", server_cpu, server_body);
    machine.run_for(Duration::ms(2));
    const auto body = client_body;
    machine.thread("client", 0, [body](Syscalls& os) {
      for (int i = 0; i < 3; ++i) body(os), os.nanosleep(Duration::ms(3));
    });
    machine.run_for(Duration::ms(200));
    return modelled_events(machine.recording);
  }
};

void check_against(const std::string& file, const Story& story, KernelEvents measured) {
  INFO(file);
  KernelEvents modelled = story.events();
  for (const char* const cpu : {"cpu0", "cpu1"}) {
    // On one CPU all is compared at once: the machine's CPU 1 is the model's CPU 0.
    const KernelEvents real = story.two_cpus ? on_cpu(measured, cpu) : measured;
    const KernelEvents ours = story.two_cpus ? on_cpu(modelled, cpu) : modelled;
    REQUIRE(!real.empty());
    CHECK(texts(last_from(ours, real.front().text, real.size())) == texts(real));
    if (!story.two_cpus) break;
  }
}

/// Linux remembers the round trips of earlier connections to an address (net/ipv4/tcp_metrics.c) and begins with a timeout of
/// 50 jiffies because of that; the model begins each connection with its own handshake's, 51.
KernelEvents without_remembered_rto(KernelEvents measured) {
  for (const char* const who : {"client", "server"}) {
    const std::string start = who + std::string(" task timer_start function=tcp_write_timer timeout=");
    measured = with(std::move(measured), start + "50", start + "51");
  }
  return measured;
}

void check_against(const std::string& file, const Story& story) {
  check_against(file, story, measured_events(file));
}

void connects(Syscalls& os) {
  const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
  os.connect(fd, internet_address(os.address_of("server"), 80));
}  // left open: the last connect is what is compared

void closes(Syscalls& os) { os.close(connected(os)); }

void writes_eventfd(Syscalls& os) { os.write(static_cast<int>(os.load(kEventFd)), {nullptr, 8}); }

void wakes_futex(Syscalls& os) { os.futex_wake(kWord, 1); }

void asks(Syscalls& os) {
  const int fd = connected(os);
  for (int round = 0; round < 8; ++round) {
    os.write(fd, {nullptr, 16});
    os.read(fd, {nullptr, 64});
    os.nanosleep(Duration::ms(50));
  }
  os.close(fd);
}

void asks_once(Syscalls& os) {
  const int fd = connected(os);
  os.write(fd, {nullptr, 16});
  os.read(fd, {nullptr, 64});
  os.nanosleep(Duration::ms(3));
  os.close(fd);
}

void asks_often(Syscalls& os) {
  const int fd = connected(os);
  for (int round = 0; round < 8; ++round) {
    os.write(fd, {nullptr, 16});
    os.read(fd, {nullptr, 64});
    os.nanosleep(Duration::ms(5));
  }
  os.close(fd);
}

}  // namespace

TEST_CASE("the kernel's order: connect and accept", "[golden][sequence]") {
  check_against("sequence_connect.events", {.client_body = connects});
}
TEST_CASE("the kernel's order: connect to another CPU", "[golden][sequence]") {
  check_against("sequence_connect_two_cpus.events", {.client_body = connects, .two_cpus = true});
}
TEST_CASE("the kernel's order: close and close", "[golden][sequence]") {
  check_against("sequence_close.events", {.client_body = closes},
                without_remembered_rto(measured_events("sequence_close.events")));
}
TEST_CASE("the kernel's order: an eventfd", "[golden][sequence]") {
  check_against("sequence_eventfd.events", {.client_body = writes_eventfd});
}
TEST_CASE("the kernel's order: an eventfd and another CPU", "[golden][sequence]") {
  check_against("sequence_eventfd_two_cpus.events", {.client_body = writes_eventfd, .two_cpus = true});
}
TEST_CASE("the kernel's order: a futex", "[golden][sequence]") {
  check_against("sequence_futex.events", {.server_body = futex_server, .client_body = wakes_futex});
}
TEST_CASE("the kernel's order: a futex and another CPU", "[golden][sequence]") {
  check_against("sequence_futex_two_cpus.events",
                {.server_body = futex_server, .client_body = wakes_futex, .two_cpus = true});
}
TEST_CASE("the kernel's order: a request to another CPU", "[golden][sequence]") {
  check_against("sequence_request_two_cpus.events", {.client_body = asks, .two_cpus = true});
}
TEST_CASE("the kernel's order: the first request of a connection", "[golden][sequence]") {
  check_against("sequence_request_first_on_connection.events", {.client_body = asks_once},
                without_remembered_rto(measured_events("sequence_request_first_on_connection.events")));
}
TEST_CASE("the kernel's order: requests 5 ms apart", "[golden][sequence]") {
  check_against("sequence_request_gap_5ms.events", {.client_body = asks_often});
}
