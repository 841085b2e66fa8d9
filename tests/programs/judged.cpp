// Costs of the model beside those of the machine it was calibrated on: what went into the profile, and what did not and
// therefore judges it. Prints a table, and fails nothing.

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <sys/socket.h>
#include <vector>

#include "tests/runner/measured_host.hpp"
#include "userland/sockets.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

using Body = std::function<void(Syscalls&)>;
constexpr int kRounds = 50;

struct Row {
  const char* what;
  bool is_input;
  double model_ns, least_ns, median_ns;
};
std::vector<Row> rows;

double median(std::vector<std::int64_t> times) {
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : static_cast<double>(times[times.size() / 2]);
}

/// The median of what `body` takes on an otherwise idle CPU, after `set_up`; whose result it gets.
double alone(const std::function<std::function<void()>(Syscalls&)>& set_up) {
  MeasuredHost machine;
  std::vector<std::int64_t> times;
  machine.thread("one", 0, [&](Syscalls& os) {
    const auto body = set_up(os);
    for (int i = 0; i < kRounds; ++i) {
      const Instant begin = os.clock_gettime();
      body();
      times.push_back((os.clock_gettime() - begin).count());
    }
  });
  machine.run_for(Duration::s(2));
  return median(std::move(times));
}

void input(const char* what, double model, double least, double middle) {
  rows.push_back({what, true, model, least, middle});
}
void judged(const char* what, double model, double least, double middle) {
  rows.push_back({what, false, model, least, middle});
}

double eventfd_write_and_read() {
  return alone([](Syscalls& os) {
    const int fd = os.eventfd(0, 0);
    return [&os, fd] { os.write(fd, {nullptr, 8}), os.read(fd, {nullptr, 8}); };
  });
}

double pipe_write_and_read() {
  return alone([](Syscalls& os) {
    std::array<int, 2> ends{};
    os.pipe2(ends, 0);
    return [&os, ends] { os.write(ends[1], {nullptr, 1}), os.read(ends[0], {nullptr, 1}); };
  });
}

/// epoll_wait(0) with so many eventfds ready.
double eventfds_ready(int ready) {
  return alone([ready](Syscalls& os) {
    const int ep = os.epoll_create1(0);
    for (int i = 0; i < ready; ++i) watch(os, ep, EPOLL_CTL_ADD, os.eventfd(1, 0), EPOLLIN, 0);
    return [&os, ep] {
      std::array<epoll_event, 256> events;
      os.epoll_wait(ep, events, 0);
    };
  });
}

double modify_among(int watched) {
  return alone([watched](Syscalls& os) {
    const int ep = os.epoll_create1(0);
    int fd = -1;
    for (int i = 0; i < watched; ++i) {
      fd = os.eventfd(0, 0);
      watch(os, ep, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
    }
    return [&os, ep, fd] { watch(os, ep, EPOLL_CTL_MOD, fd, EPOLLIN, 1); };
  });
}

struct Pair {
  int client, server;
};
Pair pair(Syscalls& os, int listener) {
  const int client = connect_to(os, "server", 80, true);
  return {client, os.accept4(listener, SOCK_NONBLOCK)};
}
int listener_of(Syscalls& os) {
  return listen_on(os, {.port = 80, .backlog = 512, .reuseport = false, .blocking = true});
}

double sockets_ready(int ready) {
  return alone([ready](Syscalls& os) {
    const int listener = listener_of(os), ep = os.epoll_create1(0);
    for (int i = 0; i < ready; ++i) {
      const Pair made = pair(os, listener);
      watch(os, ep, EPOLL_CTL_ADD, made.server, EPOLLIN, 0);
      os.write(made.client, {nullptr, 1});
    }
    return [&os, ep] {
      std::array<epoll_event, 256> events;
      os.epoll_wait(ep, events, 0);
    };
  });
}

double tcp_read_eagain() {
  return alone([](Syscalls& os) {
    const int fd = pair(os, listener_of(os)).server;
    return [&os, fd] { os.read(fd, {nullptr, 1}); };
  });
}

/// One side of a transfer of `bytes` on loopback, both ends in one thread.
double transfer(std::size_t bytes, bool reads) {
  MeasuredHost machine;
  std::vector<std::int64_t> times;
  machine.thread("one", 0, [&](Syscalls& os) {
    const Pair made = pair(os, listener_of(os));
    for (int i = 0; i < kRounds; ++i) {
      const Instant begin = os.clock_gettime();
      os.write(made.client, {nullptr, bytes});
      const Instant written = os.clock_gettime();
      std::size_t got = 0;
      while (got < bytes) {
        const std::int64_t n = os.read(made.server, {nullptr, 65536});
        if (n <= 0) break;
        got += static_cast<std::size_t>(n);
      }
      times.push_back((reads ? os.clock_gettime() - written : written - begin).count());
    }
  });
  machine.run_for(Duration::s(2));
  return median(std::move(times));
}

struct Connecting {
  std::vector<std::int64_t> socket, connect, accept, close_first, close_second;
};
/// As docs/measurements/src/roundtrip.c: both ends in one thread.
Connecting connecting() {
  MeasuredHost machine;
  Connecting times;
  machine.thread("one", 0, [&](Syscalls& os) {
    const int listener = listener_of(os);
    Instant at;
    const auto since = [&](std::vector<std::int64_t>& into) {
      into.push_back((os.clock_gettime() - at).count());
      at = os.clock_gettime();
    };
    for (int i = 0; i < kRounds; ++i) {
      at = os.clock_gettime();
      const int client = os.socket(AF_INET, SOCK_STREAM, 0);
      since(times.socket);
      os.connect(client, internet_address(os.address_of("server"), 80));
      since(times.connect);
      const int server = os.accept4(listener, 0);
      since(times.accept);
      os.close(server);
      since(times.close_first);
      os.close(client);
      since(times.close_second);
    }
  });
  machine.run_for(Duration::s(2));
  return times;
}

double round_trip(bool two_cpus, std::size_t request, std::size_t answer) {
  MeasuredHost machine(two_cpus ? 2 : 1);
  std::vector<std::int64_t> times;
  machine.thread("server", two_cpus ? 1 : 0, [=](Syscalls& os) {
    const int ep = os.epoll_create1(0);
    const int fd = os.accept4(listener_of(os), 0);
    watch(os, ep, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
    for (std::array<epoll_event, 1> events;;) {
      std::size_t got = 0;
      while (got < request) {
        os.epoll_wait(ep, events, -1);
        got += static_cast<std::size_t>(std::max<std::int64_t>(os.read(fd, {nullptr, 65536}), 0));
      }
      os.write(fd, {nullptr, answer});
    }
  });
  machine.run_for(Duration::ms(1));
  machine.thread("client", 0, [&](Syscalls& os) {
    const int fd = connect_to(os, "server", 80, false);
    for (int i = 0; i < 200; ++i) {
      const Instant begin = os.clock_gettime();
      write_all(os, fd, static_cast<std::int64_t>(request));
      read_all(os, fd, static_cast<std::int64_t>(answer));
      times.push_back((os.clock_gettime() - begin).count());
    }
  });
  machine.run_for(Duration::s(2));
  return median(std::move(times));
}

struct Woken {
  double running, waker;
};
/// From a futex wake or an eventfd's write to the woken thread running, the waker computing 50 us before.
Woken wake_up(bool two_cpus, bool by_eventfd) {
  MeasuredHost machine(two_cpus ? 2 : 1);
  std::vector<std::int64_t> running, waker;
  Instant begin;
  int event_fd = -1;
  machine.thread("sleeper", two_cpus ? 1 : 0, [&](Syscalls& os) {
    const int ep = os.epoll_create1(0);
    event_fd = os.eventfd(0, 0);
    watch(os, ep, EPOLL_CTL_ADD, event_fd, EPOLLIN, 0);
    for (std::array<epoll_event, 1> events;;) {
      by_eventfd ? os.epoll_wait(ep, events, -1) : os.futex_wait(0, 0, Duration::max());
      running.push_back((os.clock_gettime() - begin).count());
      if (by_eventfd) os.read(event_fd, {nullptr, 8});
    }
  });
  machine.run_for(Duration::ms(1));
  machine.thread("waker", 0, [&](Syscalls& os) {
    for (int i = 0; i < kRounds; ++i) {
      os.compute(Duration::us(50));
      begin = os.clock_gettime();
      by_eventfd ? static_cast<int>(os.write(event_fd, {nullptr, 8})) : os.futex_wake(0, 1);
      waker.push_back((os.clock_gettime() - begin).count());
      if (!two_cpus) os.sched_yield();
    }
  });
  machine.run_for(Duration::ms(500));
  return {median(std::move(running)), median(std::move(waker))};
}

void measure_inputs() {
  input("eventfd write and read", eventfd_write_and_read(), 424, 513);
  input("pipe write and read, 1 B", pipe_write_and_read(), 561, 979);
  input("epoll_wait(0), no eventfd ready", eventfds_ready(0), 125, 134);
  input("epoll_wait(0), 1 eventfd ready", eventfds_ready(1), 328, 353);
  input("epoll_wait(0), 10 eventfds ready", eventfds_ready(10), 1014, 1051);
  input("epoll_wait(0), 100 eventfds ready", eventfds_ready(100), 8320, 8501);
  input("EPOLL_CTL_MOD, 10 watched", modify_among(10), 207, 207);
  input("EPOLL_CTL_MOD, 1,000 watched", modify_among(1000), 282, 282);
  input("EPOLL_CTL_MOD, 10,000 watched", modify_among(10000), 408, 408);
  input("epoll_wait(0), 1 TCP socket ready", sockets_ready(1), 320, 339);
  input("read of TCP, EAGAIN", tcp_read_eagain(), 289, 318);
  input("write of TCP, 1 B", transfer(1, false), 3425, 3567);
  input("write of TCP, 64 KiB", transfer(65536, false), 7408, 7615);
  input("read of TCP, 1 B", transfer(1, true), 3265, 3440);
  input("read of TCP, 64 KiB", transfer(65536, true), 4591, 4726);
  for (const bool two_cpus : {false, true}) {
    const Woken futex = wake_up(two_cpus, false), eventfd = wake_up(two_cpus, true);
    const bool far = two_cpus;
    input(far ? "futex, other CPU: wake to running" : "futex, same CPU: wake to running", futex.running,
          far ? 5914 : 1982, far ? 21928 : 2023);
    input(far ? "futex, other CPU: the waker's call" : "futex, same CPU: the waker's call", futex.waker,
          far ? 2333 : 801, far ? 13440 : 831);
    input(far ? "eventfd, other CPU: write to running" : "eventfd, same CPU: write to running",
          eventfd.running, far ? 4943 : 2363, far ? 20686 : 2553);
    input(far ? "eventfd, other CPU: the writer's call" : "eventfd, same CPU: the writer's call",
          eventfd.waker, far ? 1863 : 992, far ? 11857 : 1091);
  }
  input("round trip of 16 B, one CPU", round_trip(false, 16, 16), 14800, 15900);
}

void judge() {
  judged("round trip of 16 B, two CPUs", round_trip(true, 16, 16), 34802, 50345);
  judged("request of 4 KiB, one CPU", round_trip(false, 4096, 16), 13710, 16925);
  judged("request of 64 KiB, one CPU", round_trip(false, 65536, 16), 21152, 21873);
  judged("request of 4 KiB, two CPUs", round_trip(true, 4096, 16), 36344, 53070);
  judged("epoll_wait(0), 10 TCP sockets ready", sockets_ready(10), 1342, 1372);
  judged("epoll_wait(0), 100 TCP sockets ready", sockets_ready(100), 12007, 12208);
  const Connecting times = connecting();
  judged("socket", median(times.socket), 2203, 2483);
  judged("connect", median(times.connect), 12719, 13290);
  judged("accept4", median(times.accept), 1842, 2003);
  judged("close of the first end", median(times.close_first), 4576, 4757);
  judged("close of the second end", median(times.close_second), 10315, 10796);
}

}  // namespace

int main() {
  measure_inputs();
  judge();
  std::printf(
      "| what | | model, ns | machine least, ns | machine median, ns | model / least | model / median "
      "|\n|---|---|---|---|---|---|---|\n");
  for (const Row& row : rows) {
    std::printf("| %s | %s | %.0f | %.0f | %.0f | %.2f | %.2f |\n", row.what,
                row.is_input ? "input" : "judged", row.model_ns, row.least_ns, row.median_ns,
                row.model_ns / row.least_ns, row.model_ns / row.median_ns);
  }
}
