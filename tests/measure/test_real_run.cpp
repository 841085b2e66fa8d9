// Runs as wholes: deadlines, what is left behind, what is printed, who may run.

#include <algorithm>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/kernel_version.hpp"
#include "measure/network_counters.hpp"
#include "sim/asan.hpp"
#include "tests/measure/real.hpp"

namespace stackscope {

namespace {

int entries(const char* folder, bool only_children) {
  DIR* const directory = ::opendir(folder);
  int count = 0;
  while (const dirent* const entry = ::readdir(directory)) {
    if (!only_children) {
      ++count;
      continue;
    }
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    char path[300], line[512] = {};
    std::snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    const int fd = ::open(path, O_RDONLY);
    if (fd < 0) continue;
    const bool was_read = ::read(fd, line, sizeof line - 1) > 0;
    ::close(fd);
    const char* const state = was_read ? std::strrchr(line, ')') : nullptr;
    count += state != nullptr && std::atoi(state + 4) == ::getpid();
  }
  ::closedir(directory);
  return count;
}

/// What a run must leave as it was.
struct Left {
  int descriptors = entries("/proc/self/fd", false), children = entries("/proc", true);
  bool operator==(const Left&) const = default;
};

/// What is left afterwards is compared with what was there: so the network that is kept is made before.
void make_network(RealTest& real) {
  real.run([](Syscalls&) { return 0; });
}

/// Runs `body` in a process that is nobody's, and answers what it returned.
template <class Body>
int as_nobody(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::setregid(65534, 65534) != 0 || ::setreuid(65534, 65534) != 0) ::_exit(100);
    ::prctl(PR_SET_DUMPABLE, 1);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

int forks_and_sleeps(Syscalls& os) {
  for (int i = 0; i < 3; ++i) {
    os.fork([](Syscalls& own) {
      own.fork([](Syscalls& grandchild) { return grandchild.poll({}, -1); });
      return own.poll({}, -1);
    });
  }
  return os.poll({}, -1);
}

}  // namespace

TEST_CASE("no progress: at the deadline each thread is named with its call", "[real][deadline]") {
  RealTest real;
  make_network(real);
  real.options.deadline = Duration::ms(100);
  const Left before;
  const RealResult result = real.run([](Syscalls& os) {
    const int epoll = os.epoll_create1(0);
    const int waits = os.thread_create([epoll](Syscalls& own) {
      std::array<epoll_event, 8> events;
      own.epoll_wait(epoll, events, -1);
    });
    os.thread_create([](Syscalls& own) { own.futex_wait(5, 0, Duration::max()); });
    os.thread_create(
        [waits](Syscalls& own) { own.wait_until_blocked({&waits, 1}), own.nanosleep(Duration::s(70)); });
    return os.thread_join(waits);
  });
  CHECK(result.outcome == RealResult::Outcome::kDeadline);
  CHECK_FALSE(result.programs.at(0).has_ended);
  std::string all;
  for (const RealStuckThread& thread : result.stuck) {
    all += std::to_string(thread.number) + " " + thread.where + "\n";
  }
  CHECK(all ==
        "0 join(3)\n1 epoll_wait(3, 8, -1)\n2 futex(5, 0, 0, 9223372036854775807)\n"
        "3 clock_nanosleep(70000000000)\n");
  CHECK(Left() == before);
}

TEST_CASE("a deadline ends programs that only compute, and all their descendants", "[real][deadline]") {
  for (const bool own_pids : {true, false}) {
    RealTest real;
    make_network(real);
    const Left before;
    real.options.deadline = Duration::ms(60);
    real.options.own_pids = own_pids;
    const RealResult busy = real.run([](Syscalls& os) { return os.compute(Duration::s(100)), 0; });
    CHECK(busy.outcome == RealResult::Outcome::kDeadline);
    CHECK(busy.own_pids == own_pids);
    REQUIRE(busy.stuck.size() == 1);
    CHECK(busy.stuck.at(0).where == "compute(100000000000)");
    real.options.deadline = Duration::ms(500);
    const RealResult forks = real.run(forks_and_sleeps);
    CHECK(forks.outcome == RealResult::Outcome::kDeadline);
    CHECK(forks.stuck.size() == 7);
    CHECK(Left() == before);
  }
}

TEST_CASE("what a program leaves behind ends with it", "[real]") {
  for (const bool own_pids : {true, false}) {
    RealTest real;
    make_network(real);
    const Left before;
    real.options.own_pids = own_pids;
    const RealResult result = real.run([](Syscalls& os) {
      for (int i = 0; i < 3; ++i) os.fork(forks_and_sleeps);
      os.thread_create([](Syscalls& own) { own.poll({}, -1); });
      return 7;
    });
    CHECK(result.outcome == RealResult::Outcome::kFinished);
    CHECK(result.exit_code() == 7);
    CHECK(Left() == before);
  }
}

TEST_CASE("a run ends when those that do not serve have ended", "[real]") {
  RealTest real;
  RealProgram server{.body = [](Syscalls& os) {
    const int listener = os.socket(AF_INET, SOCK_STREAM, 0);
    os.bind(listener, SocketAddress::ipv4(INADDR_LOOPBACK, 80)), os.listen(listener, 1);
    for (;;) os.close(os.accept4(listener, 0));
    return 0;
  }};
  server.serves = true;
  RealProgram client{.body = [](Syscalls& os) {
    const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
    say(os, {os.connect(fd, SocketAddress::ipv4(INADDR_LOOPBACK, 80)), os.read(fd, {nullptr, 1}),
             os.clock_gettime() >= Instant::at(Duration::ms(30))});
    return 2;
  }};
  client.start = Duration::ms(30);
  const RealResult result = real.run({server, client});
  CHECK(result.outcome == RealResult::Outcome::kFinished);
  CHECK_FALSE(result.programs.at(0).has_ended);
  CHECK(result.programs.at(1).has_ended);
  CHECK(result.programs.at(1).exit_code == 2);
  CHECK(real.lines == Lines{"1:0 0 1"});
}

// --- lines -----------------------------------------------------------------------------------------------------------

TEST_CASE("lines are whole, however many print at once", "[real][print]") {
  RealTest real;
  const RealResult result = real.run([](Syscalls& os) {
    const auto prints = [](Syscalls& own) {
      for (int i = 0; i < 100; ++i)
        own.print(1, std::string(9000, static_cast<char>('a' + own.gettid() % 20)));
      return 0;
    };
    for (int i = 0; i < 3; ++i) os.fork(prints);
    const int tid = os.thread_create(prints);
    prints(os);
    os.thread_join(tid);
    for (int status = 0; os.waitpid(-1, status, 0) > 0;) continue;
    return 0;
  });
  CHECK(result.outcome == RealResult::Outcome::kFinished);
  REQUIRE(real.lines.size() == 500);
  for (const std::string& line : real.lines) {
    REQUIRE(line == "1:" + std::string(9000, line.back()));
  }
}

TEST_CASE("printing needs no descriptor, takes any length, and survives the death of a printer",
          "[real][print]") {
  RealTest real;
  const Lines lines = real.printed_by([](Syscalls& os) {
    os.write(2, bytes("raw\n"));
    os.close(1), os.close(2);
    os.print(2, std::string(3 << 20, 'x'));
    for (int i = 0; i < 20; ++i) {
      const int child = os.fork([](Syscalls& own) {
        for (;;) own.print(1, std::string(100'000, 'y'));
        return 0;
      });
      os.nanosleep(Duration::us(700));
      int status = 0;
      os.kill(child, SIGKILL), os.waitpid(child, status, 0);
      os.print(2, "z");
    }
    os.print(1, "");
    return 0;
  });
  CHECK(std::count(lines.begin(), lines.end(), "2:z") == 20);
  CHECK(std::count(lines.begin(), lines.end(), "2:raw") == 1);
  CHECK(std::count(lines.begin(), lines.end(), "2:" + std::string(3 << 20, 'x')) == 1);
  CHECK(lines.back() == "1:");
}

// --- who may run, and how often --------------------------------------------------------------------------------------

TEST_CASE("two hundred runs in a row leave nothing", "[real]") {
  RealTest real;
  make_network(real);
  const Left before;
  for (int i = 0; i < 200; ++i) {
    const RealResult result = real.run([](Syscalls& os) {
      os.thread_join(os.thread_create([](Syscalls& own) { own.eventfd(0, 0); }));
      os.fork([](Syscalls& own) { return own.poll({}, -1); });
      return 1;
    });
    REQUIRE(result.outcome == RealResult::Outcome::kFinished);
    REQUIRE(result.exit_code() == 1);
  }
  CHECK(Left() == before);
}

TEST_CASE("anybody may run programs, in namespaces of their own", "[real]") {
  REQUIRE(::geteuid() == 0);
  CHECK(as_nobody([] {
          RealTest real;
          const RealResult result = real.run([](Syscalls& os) {
            const int fd = os.socket(AF_INET, SOCK_STREAM, 0);
            const bool is_own =
                os.bind(fd, SocketAddress::ipv4(INADDR_LOOPBACK, 80)) == 0 && os.listen(fd, 1) == 0;
            const int tid = os.thread_create([](Syscalls& own) { own.poll({}, -1); });
            os.wait_until_blocked({&tid, 1});
            return is_own && os.getpid() == 2 && os.wakeups(tid) == 0 ? 42 : 1;
          });
          return result.own_network && result.own_pids && result.notes.empty() ? result.exit_code() : 2;
        }) == 42);
}

TEST_CASE("what the caller ignores, a program does not", "[real]") {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  RealTest real;
  CHECK(real.run([](Syscalls& os) { return os.kill(os.getpid(), SIGTERM); }).exit_code() == 128 + SIGTERM);
  std::signal(SIGTERM, before);
}

#ifndef STACKSCOPE_ASAN  // whose own memory would be counted, so there is no limit
TEST_CASE("a program that uses too much memory is refused it", "[real]") {
  RealTest real;
  real.options.memory_bytes = 64 << 20;
  CHECK(real.printed_by([](Syscalls& os) {
    void* volatile memory =
        std::malloc(std::size_t{256} << 20);  // a compiler may leave out what nobody could see
    say(os, {memory == nullptr});
    std::free(memory);
    return 0;
  }) == Lines{"1:1"});
}
#endif

TEST_CASE("scheduling is as asked, or is said to be refused", "[real]") {
  RealTest real;
  RealProgram program{.body = [](Syscalls& os) {
    return os.sched_setaffinity(1) == 0 && os.sched_setscheduler(7777, 1) == -EINVAL && os.sched_yield() == 0
               ? 0
               : 1;
  }};
  program.policy = SchedPolicy::kFifo;
  program.priority = 50;
  program.affinity = {0};
  const RealResult result = real.run({program});
  CHECK(result.exit_code() == 0);
  CHECK(result.notes.empty());
  program.priority = 500;
  CHECK(real.run({program}).notes.size() == 1);
}

TEST_CASE("the kernel's version is read as it is written", "[real]") {
  CHECK(KernelVersion::parse("6.18.44-fc").is_models());
  CHECK_FALSE(KernelVersion::parse("6.1.0-13-amd64").is_models());
  CHECK_FALSE(KernelVersion::parse("5.18").is_models());
  CHECK(find_counter("Tcp: A B\nTcp: 1 2\nTcpExt: B\nTcpExt: 3\n", "TcpExtB") == 3);
  CHECK_FALSE(find_counter("Tcp: A B\nTcp: 1 2\n", "Tcp"));
}

}  // namespace stackscope
