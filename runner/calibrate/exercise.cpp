#include "runner/calibrate/exercise.hpp"

#include <arpa/inet.h>
#include <cstddef>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "userland/sockets.hpp"

namespace stackscope {

namespace {

constexpr std::uint16_t kPort = 80;
constexpr Duration kSoon = Duration::us(100), kServedBy = Duration::us(300);
// Words that threads share.
constexpr unsigned kShared = 0;  // a descriptor; 0 until it is known
constexpr unsigned kTaken = 1;   // how many wake-ups were taken
constexpr unsigned kIsOver = 2;

// What comes first after a sleep has a cold way from the call that slept, through the program, and into the kernel again.
constexpr std::array<Step, 10> kRound = {{{"clock_nanosleep", "awake", true, 2},
                                          {"getpid", "getpid"},
                                          {"write", "write"},
                                          {"read", "read"},
                                          {"socket", "socket"},
                                          {"connect", "connect"},
                                          {"epoll_wait", "epoll_wait"},
                                          {"accept4", "accept4"},
                                          {"close", "close"},
                                          {"close", "close_last"}}};
constexpr Step kServed[] = {{"epoll_wait", "accept4", true, 2}, {"accept4", ""}, {"close", "close"}};

constexpr std::uint64_t mask_of(int cpu) { return std::uint64_t{1} << cpu; }

/// Thread 0 to the first CPU, all others to the second.
void bind_to(Syscalls& os, CpuPair cpus) {
  os.sched_setaffinity(mask_of(cpus[os.thread_number() == 0 ? 0 : 1]));
}

void signal(Syscalls& os, int eventfd) {
  const std::uint64_t one = 1;
  const auto bytes = std::as_bytes(std::span(&one, 1));
  os.write(eventfd, {bytes.data(), bytes.size()});
}
void take_signal(Syscalls& os, int eventfd) {
  std::uint64_t count = 0;
  const auto bytes = std::as_writable_bytes(std::span(&count, 1));
  os.read(eventfd, {bytes.data(), bytes.size()});
}

/// What each_call() makes the calls on.
struct Own {
  explicit Own(Syscalls& os)
      : eventfd(os.eventfd(0, EFD_NONBLOCK)),
        listener(listen_on(os, {kPort, 128})),
        epoll(os.epoll_create1(0)) {
    watch(os, epoll, EPOLL_CTL_ADD, listener, EPOLLIN, 0);
  }
  int eventfd, listener, epoll;
};

/// In the order of kRound.
void make_each_call(Syscalls& os, const Own& own, const SocketAddress& server) {
  epoll_event event{};
  os.getpid();
  signal(os, own.eventfd);
  take_signal(os, own.eventfd);
  const int client = os.socket(AF_INET, SOCK_STREAM, 0);
  os.connect(client, server);
  os.epoll_wait(own.epoll, {&event, 1}, -1);
  const int connection = os.accept4(own.listener, SOCK_NONBLOCK | SOCK_CLOEXEC);
  os.close(connection);
  os.close(client);
}

void run_rounds(Syscalls& os, int rounds, Duration pause) {
  const Own own(os);
  const SocketAddress server = internet_address(htonl(INADDR_LOOPBACK), kPort);
  for (int i = 0; i < rounds; ++i) {
    if (pause) os.nanosleep(pause);
    make_each_call(os, own, server);
  }
  os.getpid();  // the last step ends with it
}

/// Takes `connections`, one at a time.
void serve_connections(Syscalls& os, int connections) {
  const int listener = listen_on(os, {kPort, 128}), epoll = os.epoll_create1(0);
  watch(os, epoll, EPOLL_CTL_ADD, listener, EPOLLIN, 0);
  os.store(kShared, static_cast<std::uint32_t>(listener));
  epoll_event event{};
  for (int i = 0; i < connections; ++i) {
    os.epoll_wait(epoll, {&event, 1}, -1);
    os.close(os.accept4(listener, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  os.epoll_wait(epoll, {&event, 1}, 0);  // the last step ends with it
}

/// Wakes up as often as it is told to.
void be_woken(Syscalls& os, int times) {
  const int eventfd = os.eventfd(0, 0), epoll = os.epoll_create1(0);
  watch(os, epoll, EPOLL_CTL_ADD, eventfd, EPOLLIN, 0);
  os.store(kShared, static_cast<std::uint32_t>(eventfd));
  epoll_event event{};
  for (int i = 0; i < times; ++i) {
    os.epoll_wait(epoll, {&event, 1}, -1);
    take_signal(os, eventfd);
    os.store(kTaken, static_cast<std::uint32_t>(i + 1));
  }
}

/// What the other thread shares, which waits by then.
int wait_for_other(Syscalls& os) {
  while (os.load(kShared) == 0) os.nanosleep(Duration::ms(1));
  os.nanosleep(Duration::ms(5));
  return static_cast<int>(os.load(kShared));
}

void connect_often(Syscalls& os, int connections, Duration pause) {
  wait_for_other(os);
  const SocketAddress server = internet_address(htonl(INADDR_LOOPBACK), kPort);
  for (int i = 0; i < connections; ++i) {
    os.nanosleep(pause);
    const int client = os.socket(AF_INET, SOCK_STREAM, 0);
    os.connect(client, server);
    os.compute(kServedBy);
    os.close(client);
  }
}

void wake_and_yield(Syscalls& os, int rounds) {
  const int eventfd = wait_for_other(os);
  for (int i = 0; i < rounds; ++i) {
    signal(os, eventfd);
    os.sched_yield();
  }
}

/// Every second time after a pause, where there is one.
void wake_often(Syscalls& os, int wake_ups, Duration pause) {
  const int eventfd = wait_for_other(os);
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(wake_ups); ++i) {
    if (i % 2 == 0 && pause) os.nanosleep(pause);
    signal(os, eventfd);
    os.getpid();  // the step of the waker's ends with it
    do os.compute(kSoon);
    while (os.load(kTaken) == i);
  }
  os.store(kIsOver, 1);
}

void keep_busy(Syscalls& os) {
  os.sched_setscheduler(SCHED_OTHER, 0);
  while (os.load(kIsOver) == 0) os.compute(kSoon);
}

}  // namespace

Exercise each_call(int rounds, Duration pause, int cpu) {
  return {.name = "each call",
          .body = [=](Syscalls& os) { return run_rounds(os, rounds, pause), 0; },
          .cpus = {cpu},
          .round = std::span(kRound).subspan(pause ? 0 : 1),
          .wake_ups = {}};
}

Exercise serve(int rounds, Duration pause, CpuPair cpus) {
  return {.name = "a server",
          .body =
              [=](Syscalls& os) {
                bind_to(os, cpus);
                os.thread_number() == 0 ? connect_often(os, rounds, pause) : serve_connections(os, rounds);
                return 0;
              },
          .threads = 2,
          .cpus = {cpus[0], cpus[1]},
          .round = kServed,
          .wake_ups = {}};
}

Exercise wake_near(int rounds, int cpu) {
  return {.name = "wake-ups on one CPU",
          .body =
              [=](Syscalls& os) {
                os.thread_number() == 0 ? wake_and_yield(os, rounds) : be_woken(os, rounds);
                return 0;
              },
          .threads = 2,
          .cpus = {cpu},
          .round = {},
          .wake_ups = {"near"}};
}

Exercise wake_far(int rounds, Duration pause, CpuPair cpus) {
  return {.name = "wake-ups of a CPU that sleeps",
          .body =
              [=](Syscalls& os) {
                bind_to(os, cpus);
                os.thread_number() == 0 ? wake_often(os, 2 * rounds, pause) : be_woken(os, 2 * rounds);
                return 0;
              },
          .threads = 2,
          .cpus = {cpus[0], cpus[1]},
          .round = {},
          .wake_ups = {"late", "soon"}};
}

Exercise wake_busy(int rounds, CpuPair cpus) {
  return {.name = "wake-ups of a CPU that is busy",
          .body =
              [=](Syscalls& os) {
                bind_to(os, cpus);
                const int number = os.thread_number();
                number == 0 ? wake_often(os, rounds, {}) : number == 1 ? be_woken(os, rounds) : keep_busy(os);
                return 0;
              },
          .threads = 3,
          .cpus = {cpus[0], cpus[1]},
          .round = {},
          .wake_ups = {"busy"}};
}

}  // namespace stackscope
