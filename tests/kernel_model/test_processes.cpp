// Threads, processes and signals, through the door that programs use. What is expected here was asked of Linux 6.18.

#include <array>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "tests/kernel_model/support/programs.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

constexpr Duration kLong = Duration::s(5);

std::uint64_t count_of(Syscalls& os, int eventfd) {
  std::uint64_t count = 0;
  os.read(eventfd, {reinterpret_cast<std::byte*>(&count), sizeof count});
  return count;
}
void add_one(Syscalls& os, int eventfd) { os.write(eventfd, {nullptr, 8}); }

}  // namespace

// --- threads ---------------------------------------------------------------------------------------------------------

TEST_CASE("threads: share words and descriptors, and are joined once they have ended",
          "[processes][threads]") {
  ProgramHost machine{2};
  machine.story([&](Syscalls& os) {
    const int self = os.gettid(), eventfd = os.eventfd(0, 0);
    CHECK(os.getpid() == self);
    int number = -1, inner = 0;
    const int tid = os.thread_create([&](Syscalls& its) {
      inner = its.gettid(), number = its.thread_number();
      CHECK(its.getpid() == self);
      its.nanosleep(Duration::ms(3));
      its.store(5, 77);
      add_one(its, eventfd);
    });
    CHECK(tid > self);
    CHECK(os.thread_join(tid) == 0);
    CHECK(os.clock_gettime() >= Instant::at(Duration::ms(3)));
    CHECK((inner == tid && number == 1 && os.threads() == 2));
    CHECK(os.load(5) == 77);
    CHECK(count_of(os, eventfd) == 1);
    CHECK(os.thread_join(tid) == 0);  // again, and at once
    CHECK(os.thread_join(self) == -EDEADLK);
    CHECK(os.thread_join(tid + 99) == -ESRCH);
  });
  CHECK(machine.all<FutexQueued>().size() == 1);
}

TEST_CASE("threads: inherit how they are scheduled, and end each alone", "[processes][threads]") {
  ProgramHost machine{2};
  Process* made = nullptr;
  bool child_ran = false;
  made = &machine.process(
      [&](Syscalls& os) {
        os.thread_create([&](Syscalls& its) {
          its.nanosleep(Duration::ms(1));
          child_ran = true;
        });
      },
      42, 2);
  machine.run_for(Duration::us(500));
  CHECK(made->live == 1);  // the first has ended, the process goes on
  CHECK(made->state == Process::State::kAlive);
  for (const auto& [tid, thread] : made->threads_by_tid) {
    CHECK(thread.task->attributes().priority == 42);
    CHECK(thread.task->attributes().affinity == 2);
  }
  machine.run_for(Duration::ms(5));
  CHECK(child_ran);
  CHECK(made->state == Process::State::kReaped);
}

TEST_CASE("threads: several may join one, also while it ends", "[processes][threads]") {
  ProgramHost machine{2};
  machine.story([&](Syscalls& os) {
    const int slow = os.thread_create([](Syscalls& its) { its.nanosleep(Duration::ms(2)); });
    std::vector<int> joiners;
    int joined = 0;
    for (int i = 0; i < 5; ++i) {
      joiners.push_back(os.thread_create([&](Syscalls& its) { joined += its.thread_join(slow) == 0; }));
    }
    for (const int tid : joiners) CHECK(os.thread_join(tid) == 0);
    CHECK(joined == 5);
  });
}

// --- processes -------------------------------------------------------------------------------------------------------

TEST_CASE("fork: descriptors are the same files, words are a copy, and the exit code comes back",
          "[processes]") {
  ProgramHost machine{2};
  machine.story([&](Syscalls& os) {
    const int shared = os.eventfd(0, EFD_CLOEXEC), gone = os.eventfd(0, 0);
    os.close(gone);
    os.store(1, 10);
    int seen = 0;
    const int pid = os.fork([&](Syscalls& its) {
      seen = static_cast<int>(its.load(1));
      its.store(1, 99);
      CHECK(its.getpid() == its.gettid());
      CHECK(its.thread_number() == 0);
      CHECK(its.fcntl(shared, F_GETFD, 0) == FD_CLOEXEC);
      CHECK(its.eventfd(0, 0) == gone);  // the lowest free number, in its own table
      add_one(its, shared);
      return 0x1234;
    });
    CHECK(pid > os.getpid());
    int status = -5;
    CHECK(os.waitpid(pid, status, 0) == pid);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0x34));
    CHECK(seen == 10);
    CHECK(os.load(1) == 10);
    CHECK(count_of(os, shared) == 1);
    CHECK(os.eventfd(0, 0) == gone);
    CHECK(os.waitpid(pid, status, 0) == -ECHILD);
  });
}

TEST_CASE("fork: a number that a call under way holds is free in the child", "[processes]") {
  ProgramHost machine{2};
  bool has_ended = false;
  machine.process([&](Syscalls& os) {
    const int listener = os.socket(AF_INET, SOCK_STREAM, 0);
    CHECK(os.listen(listener, 4) == 0);
    const int tid = os.thread_create([&](Syscalls& its) { its.accept4(listener, 0); });
    os.wait_until_blocked(std::array{tid});
    CHECK(os.eventfd(0, 0) == listener + 2);
    const int pid = os.fork([&](Syscalls& its) { return its.eventfd(0, 0) == listener + 1 ? 0 : 1; });
    int status = -1;
    CHECK(os.waitpid(pid, status, 0) == pid);
    CHECK(status == 0);
    CHECK(os.kill(0, 0) == 0);
    has_ended = true;
    os.exit_group(0);
  });
  machine.run_for(Duration::s(1));
  CHECK(has_ended);
}

TEST_CASE("waitpid: what it refuses, and in which order children are taken", "[processes]") {
  ProgramHost machine{1};
  machine.story([&](Syscalls& os) {
    int status = -5;
    CHECK(os.waitpid(-1, status, 0x10) == -EINVAL);
    CHECK(os.waitpid(-1, status, 0) == -ECHILD);
    CHECK(os.waitpid(-1, status, WNOHANG) == -ECHILD);
    CHECK(os.waitpid(INT_MIN, status, 0) == -ESRCH);
    CHECK(os.waitpid(os.getpid(), status, 0) == -ECHILD);
    const int slow = os.fork([](Syscalls& its) { return its.nanosleep(Duration::ms(9)), 1; });
    const int quick = os.fork([](Syscalls& its) { return its.nanosleep(Duration::ms(3)), 2; });
    CHECK(os.waitpid(-1, status, WNOHANG) == 0);
    CHECK(os.waitpid(0, status, WNOHANG | WUNTRACED | WCONTINUED) == 0);
    CHECK(os.waitpid(-os.getpid(), status, WNOHANG) == 0);  // the process group
    CHECK(os.waitpid(slow, status, WNOHANG | __WCLONE) == -ECHILD);
    CHECK(status == -5);
    const auto before = os.wakeups(os.gettid());
    CHECK(os.waitpid(slow, status, 0) == slow);  // the quick one's end does not even wake
    CHECK(os.wakeups(os.gettid()) == before + 1);
    CHECK(WEXITSTATUS(status) == 1);
    CHECK(os.waitpid(-1, status, 0) == quick);
    CHECK(WEXITSTATUS(status) == 2);
  });
}

TEST_CASE("a process's end closes its files, the last descriptor's first", "[processes]") {
  ProgramHost machine{1};
  machine.story([&](Syscalls& os) {
    std::array<std::array<int, 2>, 3> pipes{};
    const int epoll = os.epoll_create1(0);
    for (auto& pipe : pipes) {
      CHECK(os.pipe2(pipe, 0) == 0);
      os.epoll_ctl(epoll, EPOLL_CTL_ADD, pipe[0],
                   {.events = EPOLLIN, .data = {.u64 = static_cast<std::uint64_t>(pipe[0])}});
    }
    const int pid = os.fork([](Syscalls&) { return 0; });
    for (const auto& pipe : pipes) os.close(pipe[1]);
    int status = 0;
    CHECK(os.waitpid(pid, status, 0) == pid);
    std::array<epoll_event, 8> events{};
    REQUIRE(os.epoll_wait(epoll, events, 0) == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(events[i].data.u64 == static_cast<std::uint64_t>(pipes[2 - i][0]));
      CHECK(events[i].events == EPOLLHUP);
    }
  });
  CHECK(machine.host.processes().size() == 2);
  int open = 0;
  machine.host.files().for_each([&](const File&, bool) { ++open; });
  CHECK(open == 0);  // the parent's too, when it has ended
}

TEST_CASE("orphans go to init, which waits for them", "[processes]") {
  ProgramHost machine{2};
  int orphan = 0;
  bool has_ended = false;
  machine.story([&](Syscalls& os) {
    orphan = os.fork([&](Syscalls& its) {
      its.nanosleep(Duration::ms(5));
      has_ended = true;
      return 0;
    });
    os.fork([](Syscalls&) { return 0; });  // a zombie when the parent ends
    os.nanosleep(Duration::ms(1));
  });
  CHECK(has_ended);
  for (const auto& process : machine.host.processes()) CHECK(process->state == Process::State::kReaped);
  machine.story([&](Syscalls& os) { CHECK(os.kill(orphan, 0) == -ESRCH); });
}

// --- signals ---------------------------------------------------------------------------------------------------------

TEST_CASE("kill: the order in which it refuses", "[processes][signals]") {
  ProgramHost machine{1};
  machine.story([&](Syscalls& os) {
    const int self = os.getpid();
    CHECK(os.kill(9999, 99) == -ESRCH);  // who comes before what
    CHECK(os.kill(self, 65) == -EINVAL);
    CHECK(os.kill(self, -1) == -EINVAL);
    CHECK(os.kill(INT_MIN, 0) == -ESRCH);
    CHECK(os.kill(-9999, 0) == -ESRCH);
    CHECK(os.kill(0, 0) == 0);
    CHECK(os.kill(-self, 0) == 0);
    CHECK(os.kill(0, 99) == -EINVAL);
    CHECK(os.kill(-1, 0) == -ESRCH);  // nobody else
    for (const int harmless : {SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGPIPE})
      CHECK(os.kill(self, harmless) == 0);
    const int child = os.fork([](Syscalls&) { return 7; });
    os.nanosleep(Duration::ms(1));
    CHECK(os.kill(child, 0) == 0);  // a zombie
    CHECK(os.kill(child, SIGKILL) == 0);
    CHECK(os.kill(child, 99) == -EINVAL);
    int status = 0;
    CHECK(os.waitpid(child, status, WNOHANG) == child);
    CHECK(status == 7 << 8);
    CHECK(os.kill(child, 0) == -ESRCH);
    const int thread = os.thread_create([](Syscalls& its) { its.nanosleep(Duration::ms(1)); });
    CHECK(os.kill(thread, 0) == 0);  // any thread's number stands for the process
    os.thread_join(thread);
    CHECK(os.kill(thread, 0) == -ESRCH);
  });
}

namespace {

/// A child that sleeps in `call`, and is killed there. Returns the wait status.
int killed_in(ProgramHost& machine, int signal, const std::function<void(Syscalls&)>& call, bool& went_on) {
  int status = -1;
  machine.story([&](Syscalls& os) {
    const int child = os.fork([&](Syscalls& its) {
      call(its);
      went_on = true;
      return 0;
    });
    os.nanosleep(Duration::ms(5));
    CHECK(os.kill(child, signal) == 0);
    const Instant killed = os.clock_gettime();
    CHECK(os.waitpid(child, status, 0) == child);
    CHECK(os.clock_gettime() - killed < Duration::us(200));
  });
  return status;
}

}  // namespace

TEST_CASE("kill: ends a sleep in any call, and the program never goes on", "[processes][signals]") {
  const std::uint8_t cpus = static_cast<std::uint8_t>(GENERATE(1, 2));
  std::array<int, 2> fds{};
  pollfd asked{};
  int status = 0;
  std::array<epoll_event, 4> events{};
  const std::vector<std::pair<std::string, std::function<void(Syscalls&)>>> calls = {
      {"nanosleep", [](Syscalls& os) { os.nanosleep(kLong); }},
      {"eventfd", [](Syscalls& os) { os.read(os.eventfd(0, 0), {nullptr, 8}); }},
      {"pipe", [&](Syscalls& os) { os.pipe2(fds, 0), os.read(fds[0], {nullptr, 8}); }},
      {"full pipe", [&](Syscalls& os) { os.pipe2(fds, 0), os.write(fds[1], {nullptr, 1 << 20}); }},
      {"timerfd", [](Syscalls& os) { os.read(os.timerfd_create(CLOCK_MONOTONIC, 0), {nullptr, 8}); }},
      {"epoll_wait", [&](Syscalls& os) { os.epoll_wait(os.epoll_create1(0), events, -1); }},
      {"epoll_wait ms", [&](Syscalls& os) { os.epoll_wait(os.epoll_create1(0), events, 9000); }},
      {"poll",
       [&](Syscalls& os) {
         asked = {os.eventfd(0, 0), POLLIN, 0};
         os.poll({&asked, 1}, -1);
       }},
      {"futex", [](Syscalls& os) { os.futex_wait(3, 0, Duration::ns(-1)); }},
      {"waitpid",
       [&](Syscalls& os) {
         os.fork([](Syscalls& its) { return its.nanosleep(Duration::ms(50)), 0; });
         os.waitpid(-1, status, 0);
       }},
      {"join",
       [](Syscalls& os) { os.thread_join(os.thread_create([](Syscalls& its) { its.nanosleep(kLong); })); }},
      {"wait_until_blocked", [](Syscalls& os) {
         const int busy =
             os.thread_create([](Syscalls& its) { its.futex_wait(1, 1, kLong), its.compute(kLong); });
         os.wait_until_blocked(std::array{busy});
       }}};
  for (const auto& [name, call] : calls) {
    INFO(name << " on " << int{cpus});
    if (name == "wait_until_blocked" && cpus == 1)
      continue;  // who computes for ever under SCHED_FIFO keeps the CPU
    ProgramHost machine{cpus};
    bool went_on = false;
    const int how = killed_in(machine, SIGTERM, call, went_on);
    CHECK((WIFSIGNALED(how) && WTERMSIG(how) == SIGTERM));
    CHECK_FALSE(went_on);
    for (const auto& process : machine.host.processes()) CHECK(process->present == 0);
    int open = 0;
    machine.host.files().for_each([&](const File&, bool) { ++open; });
    CHECK(open == 0);
  }
}

TEST_CASE("kill: reaches a program that computes, on another CPU by an interrupt", "[processes][signals]") {
  const std::uint8_t cpus = static_cast<std::uint8_t>(GENERATE(1, 2));
  ProgramHost machine{cpus};
  bool went_on = false;
  int status = 0;
  machine.process(
      [&](Syscalls& os) {
        const int child = os.fork([&](Syscalls& its) {
          its.compute(Duration::s(3));
          went_on = true;
          return 0;
        });
        os.nanosleep(Duration::ms(5));
        CHECK(os.kill(child, SIGKILL) == 0);
        CHECK(os.waitpid(child, status, 0) == child);
        CHECK(os.clock_gettime() < Instant::at(Duration::ms(20)));
      },
      0);
  machine.run_for(Duration::s(1));
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  CHECK_FALSE(went_on);
}

TEST_CASE("kill: one's own process ends on the way back to the program", "[processes][signals]") {
  ProgramHost machine{2};
  machine.story([&](Syscalls& os) {
    const int child = os.fork([&](Syscalls& its) {
      its.thread_create([](Syscalls& other) { other.compute(kLong); });
      its.kill(its.getpid(), SIGRTMIN + 3);
      FAIL("it went on");
      return 0;
    });
    int status = 0;
    CHECK(os.waitpid(child, status, 0) == child);
    CHECK(WTERMSIG(status) == SIGRTMIN + 3);
  });
}

TEST_CASE("exit_group: all threads end, wherever they are", "[processes]") {
  const std::uint8_t cpus = static_cast<std::uint8_t>(GENERATE(1, 2));
  ProgramHost machine{cpus};
  machine.story([&](Syscalls& os) {
    const int child = os.fork([&](Syscalls& its) {
      for (int i = 0; i < 3; ++i)
        its.thread_create([](Syscalls& t) { t.read(t.eventfd(0, 0), {nullptr, 8}); });
      its.thread_create([](Syscalls& t) {
        t.nanosleep(Duration::ms(2));
        t.exit_group(259);
      });
      its.futex_wait(0, 0, Duration::ns(-1));
      FAIL("it went on");
      return 0;
    });
    int status = 0;
    CHECK(os.waitpid(child, status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 3));
  });
  CHECK(machine.host.processes()[1]->present == 0);
  CHECK(machine.all<TaskExited>().size() == 6);
}

// --- what makes concurrency definite ---------------------------------------------------------------------------------

TEST_CASE("wait_until_blocked: returns when each sleeps in a call, and not while one only was preempted",
          "[processes][blocked]") {
  const std::uint8_t cpus = static_cast<std::uint8_t>(GENERATE(1, 2));
  ProgramHost machine{cpus};
  bool has_ended = false;
  machine.process([&](Syscalls& os) {
    const int eventfd = os.eventfd(0, 0);
    std::array<int, 5> tids{};  // exit_group() leaves the stack as it is: nothing on it may own memory
    int about_to = 0, went_on = 0;
    for (int i = 0; i < 4; ++i) {
      tids[static_cast<std::size_t>(i)] = os.thread_create([&, i](Syscalls& its) {
        its.compute(Duration::us(100) * (i + 1));
        ++about_to;
        count_of(its, eventfd);
        ++went_on;
      });
    }
    tids[4] = os.thread_create([](Syscalls&) {});  // one that ends
    os.wait_until_blocked(tids);
    CHECK(about_to == 4);
    CHECK(os.wakeups(tids[0]) == 0);
    add_one(os, eventfd);  // all four are woken, one takes it, three sleep again
    os.wait_until_blocked(tids);
    CHECK(went_on == 1);
    std::int64_t sum = 0;
    for (int i = 0; i < 4; ++i) sum += os.wakeups(tids[static_cast<std::size_t>(i)]);
    CHECK(sum == 4);
    os.wait_until_blocked(tids);  // already: at once
    has_ended = true;
    os.exit_group(0);
  });
  machine.run_for(Duration::s(1));
  CHECK(has_ended);
}

TEST_CASE("what a program prints, logs and marks is told; print goes to the host's output", "[processes]") {
  ProgramHost machine{1};
  std::string out;
  machine.host.set_output(
      [&](int stream, std::string_view line) { out += std::to_string(stream) + std::string(line) + ";"; });
  machine.story([&](Syscalls& os) {
    const Instant before = os.clock_gettime();
    os.print(1, "hello");
    os.print(2, "oops");
    os.log("a line");
    os.mark("stretch", true);
    os.mark("stretch", false);
    CHECK(os.clock_gettime() == before);
    CHECK(os.counter("TcpActiveOpens") == 0);
    CHECK(os.counter("NoSuchThing") == std::nullopt);
  });
  CHECK(out == "1hello;2oops;");
  CHECK(machine.all<ProgramPrinted>().size() == 2);
  CHECK(machine.all<ProgramLogged>().size() == 1);
  CHECK(machine.all<ProgramMark>().size() == 2);
}
