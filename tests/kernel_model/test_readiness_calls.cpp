// epoll, poll and select through the door that programs use; clocks and scheduling too. What is expected here was asked of
// Linux 6.18.

#include <algorithm>
#include <climits>
#include <ctime>
#include <sched.h>
#include <sys/eventfd.h>

#include "tests/kernel_model/support/programs.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

using Words = std::vector<unsigned long>;

Words set_of(std::initializer_list<int> fds, std::size_t words = 16) {
  Words set(words);
  for (const int fd : fds) set[static_cast<std::size_t>(fd) / 64] |= 1ul << (fd % 64);
  return set;
}
bool has(const Words& set, int fd) { return (set[static_cast<std::size_t>(fd) / 64] >> (fd % 64) & 1) != 0; }

constexpr timespec kNow{0, 0}, kBad{0, 1'000'000'000}, kNegative{-1, 0};

int select_now(Syscalls& os, int n, Words& read) { return os.pselect6(n, read, {}, {}, &kNow); }

}  // namespace

TEST_CASE("epoll: what its calls refuse, in order", "[epoll][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const int epoll = os.epoll_create1(0), other = os.epoll_create1(0), eventfd = os.eventfd(0, 0);
    std::array<epoll_event, 4> events{};
    const std::span<epoll_event> none;
    CHECK(os.epoll_create1(1) == -EINVAL);
    CHECK(os.epoll_wait(99, none, 0) == -EBADF);  // before the size, since 6.15
    CHECK(os.epoll_wait(epoll, none, 0) == -EINVAL);
    CHECK(os.epoll_wait(eventfd, events, 0) == -EINVAL);
    CHECK(os.epoll_pwait2(99, none, &kBad) == -EINVAL);  // the time before the descriptor
    CHECK(os.epoll_pwait2(99, none, &kNow) == -EBADF);
    CHECK(os.epoll_pwait2(epoll, events, &kNegative) == -EINVAL);
    CHECK(os.epoll_pwait2(epoll, events, &kNow) == 0);
    const auto ctl = [&](int ep, int operation, int fd, Events wanted) {
      return os.epoll_ctl(ep, operation, fd, {.events = wanted, .data = {.u64 = 0}});
    };
    CHECK(ctl(99, EPOLL_CTL_ADD, eventfd, EPOLLIN) == -EBADF);
    CHECK(ctl(epoll, EPOLL_CTL_ADD, 99, EPOLLIN) == -EBADF);
    CHECK(ctl(epoll, 9, 99, EPOLLIN) == -EBADF);
    CHECK(ctl(epoll, 9, eventfd, EPOLLIN) == -EINVAL);
    CHECK(ctl(eventfd, EPOLL_CTL_ADD, epoll, EPOLLIN) == -EINVAL);
    CHECK(ctl(epoll, EPOLL_CTL_ADD, epoll, EPOLLIN) == -EINVAL);
    CHECK(ctl(epoll, EPOLL_CTL_MOD, eventfd, EPOLLIN) == -ENOENT);
    CHECK(ctl(epoll, EPOLL_CTL_MOD, eventfd, EPOLLIN | EPOLLEXCLUSIVE) == -EINVAL);
    CHECK(ctl(epoll, EPOLL_CTL_DEL, eventfd, EPOLLIN) == -ENOENT);
    for (const Events beside :
         {Events{EPOLLONESHOT}, Events{EPOLLPRI}, Events{EPOLLRDHUP}, Events{EPOLLRDNORM}})
      CHECK(ctl(epoll, EPOLL_CTL_ADD, eventfd, EPOLLIN | EPOLLEXCLUSIVE | beside) == -EINVAL);
    CHECK(ctl(epoll, EPOLL_CTL_ADD, other, EPOLLIN | EPOLLEXCLUSIVE) == -EINVAL);
    CHECK(ctl(epoll, EPOLL_CTL_ADD, eventfd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLET) == 0);
    CHECK(ctl(epoll, EPOLL_CTL_ADD, eventfd, EPOLLIN) == -EEXIST);
    CHECK(ctl(epoll, EPOLL_CTL_MOD, eventfd, EPOLLIN) == -EINVAL);
    CHECK(ctl(epoll, EPOLL_CTL_DEL, eventfd, 0) == 0);
    CHECK(ctl(epoll, EPOLL_CTL_ADD, other, EPOLLIN) == 0);
    CHECK(ctl(other, EPOLL_CTL_ADD, epoll, EPOLLIN) == -ELOOP);
  });
}

TEST_CASE("epoll: a watched file that lives on under another number is still reported", "[epoll][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const int epoll = os.epoll_create1(0), eventfd = os.eventfd(1, 0);
    std::array<epoll_event, 4> events{};
    CHECK(os.epoll_ctl(epoll, EPOLL_CTL_ADD, eventfd, {.events = EPOLLIN, .data = {.u64 = 8}}) == 0);
    const int twin = os.dup(eventfd);
    CHECK(os.close(eventfd) == 0);
    CHECK(os.epoll_wait(epoll, events, 0) == 1);
    CHECK(os.epoll_ctl(epoll, EPOLL_CTL_DEL, eventfd, {}) == -EBADF);
    CHECK(os.epoll_ctl(epoll, EPOLL_CTL_DEL, twin, {}) == -ENOENT);
    CHECK(os.close(twin) == 0);
    CHECK(os.epoll_wait(epoll, events, 0) == 0);
  });
}

TEST_CASE("epoll: who sleeps in an instance goes on when its descriptor is closed", "[epoll][calls]") {
  ProgramHost machine{2};
  machine.story([](Syscalls& os) {
    const int epoll = os.epoll_create1(0), eventfd = os.eventfd(0, 0);
    std::array<epoll_event, 4> events{};
    os.epoll_ctl(epoll, EPOLL_CTL_ADD, eventfd, {.events = EPOLLIN | EPOLLONESHOT, .data = {.u64 = 8}});
    int got = -1;
    const int sleeper = os.thread_create([&](Syscalls& its) { got = its.epoll_wait(epoll, events, -1); });
    os.wait_until_blocked(std::array{sleeper});
    CHECK(os.close(epoll) == 0);
    CHECK(os.wakeups(sleeper) == 0);
    os.write(eventfd, {nullptr, 8});
    CHECK(os.thread_join(sleeper) == 0);
    CHECK(got == 1);
  });
}

TEST_CASE("poll: every entry is written, negative ones with nothing; times are checked", "[poll][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const int ready = os.eventfd(1, 0);
    std::vector<pollfd> asked{{-1, POLLIN, 77}, {ready, POLLIN, 77}, {60, POLLIN, 77}, {ready, POLLPRI, 77}};
    CHECK(os.poll(asked, -1) == 2);
    CHECK((asked[0].revents == 0 && asked[1].revents == POLLIN));
    CHECK((asked[2].revents == POLLNVAL && asked[3].revents == 0));
    CHECK(os.ppoll(asked, &kBad) == -EINVAL);
    CHECK(os.ppoll(asked, &kNegative) == -EINVAL);
    CHECK(os.ppoll(asked, nullptr) == 2);
    const timespec soon{0, 3'000'000};
    const Instant before = os.clock_gettime();
    CHECK(os.ppoll({}, &soon) == 0);
    CHECK(os.clock_gettime() - before >= Duration::ms(3));
    std::vector<pollfd> many((1 << 20) + 1, pollfd{-1, 0, 0});
    CHECK(os.poll(many, 0) == -EINVAL);
    many.pop_back();
    CHECK(os.poll(many, 0) == 0);
  });
}

TEST_CASE("poll: a descriptor closed meanwhile names nothing at the next look", "[poll][calls]") {
  ProgramHost machine{2};
  machine.story([](Syscalls& os) {
    const int kept = os.eventfd(0, 0), gone = os.eventfd(0, 0);
    std::vector<pollfd> asked{{gone, POLLIN, 0}, {kept, POLLIN, 0}};
    int count = -1;
    const int tid = os.thread_create([&](Syscalls& its) { count = its.poll(asked, -1); });
    os.wait_until_blocked(std::array{tid});
    CHECK(os.close(gone) == 0);
    CHECK(os.wakeups(tid) == 0);  // it is held, so nothing happens to it
    os.write(kept, {nullptr, 8});
    os.thread_join(tid);
    CHECK(count == 2);
    CHECK((asked[0].revents == POLLNVAL && asked[1].revents == POLLIN));
  });
}

TEST_CASE("select: counts bits, rewrites sets, and refuses what is not open", "[select][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    std::array<int, 2> pipe{};
    const int eventfd = os.eventfd(1, 0);
    CHECK(os.pipe2(pipe, 0) == 0);
    Words read = set_of({eventfd, pipe[0]}), write = set_of({eventfd, pipe[1]}), except = set_of({eventfd});
    CHECK(os.pselect6(1024, read, write, except, nullptr) == 3);
    CHECK((has(read, eventfd) && !has(read, pipe[0])));
    CHECK((has(write, eventfd) && has(write, pipe[1])));
    CHECK(except == Words(16));

    Words quiet = set_of({pipe[0]});
    const timespec soon{0, 2'000'000};
    CHECK(os.pselect6(64, quiet, {}, {}, &soon) == 0);
    CHECK(quiet == Words(16));  // zeroed at the time-out
    CHECK(os.pselect6(-1, {}, {}, {}, &kNow) == -EINVAL);
    CHECK(os.pselect6(0, {}, {}, {}, &kNegative) == -EINVAL);
    CHECK(os.pselect6(0, {}, {}, {}, &kBad) == -EINVAL);
    Words bad = set_of({eventfd, 60});
    CHECK(select_now(os, 61, bad) == -EBADF);
    CHECK(bad == set_of({eventfd, 60}));  // left alone
    CHECK(select_now(os, 60, bad) == 1);  // beyond n, but in the same word: written back as nothing
    CHECK(bad == set_of({eventfd}));
    os.close(pipe[1]);
    Words ended = set_of({pipe[0]});
    CHECK(select_now(os, 64, ended) == 1);  // a hang-up is readable
  });
}

TEST_CASE("select: what lies beyond the descriptor table is ignored, and the table grows in doublings",
          "[select][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const int eventfd = os.eventfd(1, 0);
    const auto answers = [&](Syscalls& its, int fd) {
      Words set = set_of({fd});
      const int result = select_now(its, 1024, set);
      return result == 0 && has(set, fd) ? 0 : result;  // ignored bits stay
    };
    CHECK(answers(os, 63) == -EBADF);
    CHECK(answers(os, 64) == 0);
    CHECK(answers(os, 500) == 0);
    CHECK(os.dup2(eventfd, 64) == 64);
    os.close(64);
    CHECK(answers(os, 65) == -EBADF);
    CHECK(answers(os, 128) == 0);
    CHECK(os.dup2(eventfd, 300) == 300);
    os.close(300);
    CHECK(answers(os, 511) == -EBADF);
    CHECK(answers(os, 512) == 0);
    CHECK(os.dup2(eventfd, 130) == 130);
    const int child = os.fork([&](Syscalls& its) {  // has room for what it has
      CHECK(answers(its, 255) == -EBADF);
      CHECK(answers(its, 256) == 0);
      return 0;
    });
    int status = 0;
    CHECK(os.waitpid(child, status, 0) == child);
  });
}

// --- time and scheduling ---------------------------------------------------------------------------------------------

TEST_CASE("clocks: each shows its own time, unknown ones none", "[clocks][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    timespec now{};
    const auto ns = [&](int clock) {
      REQUIRE(os.clock_gettime(clock, now) == 0);
      return now.tv_sec * 1'000'000'000 + now.tv_nsec;
    };
    for (const int unknown : {-1, 8, 9, 10, 12, 99}) CHECK(os.clock_gettime(unknown, now) == -EINVAL);
    os.nanosleep(Duration::ms(30));
    os.compute(Duration::us(1500));
    CHECK(ns(CLOCK_MONOTONIC) == os.clock_gettime().count());
    CHECK(ns(CLOCK_BOOTTIME) == os.clock_gettime().count());
    CHECK(ns(CLOCK_REALTIME) - ns(CLOCK_MONOTONIC) == 1'767'225'600'000'000'000);
    CHECK(ns(CLOCK_MONOTONIC_COARSE) % 4'000'000 == 0);
    CHECK(ns(CLOCK_MONOTONIC) - ns(CLOCK_MONOTONIC_COARSE) < 4'000'000);
    const auto own = ns(CLOCK_THREAD_CPUTIME_ID);
    CHECK((own >= 1'500'000 && own < 1'600'000));  // sleeping is no CPU time
    const int other = os.thread_create([](Syscalls& its) { its.compute(Duration::ms(2)); });
    os.thread_join(other);
    CHECK(ns(CLOCK_PROCESS_CPUTIME_ID) >= 3'500'000);
    CHECK(ns(CLOCK_THREAD_CPUTIME_ID) < 1'700'000);
    CHECK(os.nanosleep(Duration::ns(-1)) == -EINVAL);
  });
}

TEST_CASE("sched_setscheduler: which policies and priorities there are", "[scheduling][calls]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    for (int policy = -1; policy < 9; ++policy) {
      for (const int priority : {-1, 0, 1, 99, 100}) {
        const bool realtime = policy == SCHED_FIFO || policy == SCHED_RR;
        const bool fair = policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
        const bool fits = realtime ? priority == 1 || priority == 99 : fair && priority == 0;
        INFO(policy << " " << priority);
        CHECK(os.sched_setscheduler(policy, priority) == (fits ? 0 : -EINVAL));
      }
    }
    CHECK(os.sched_setaffinity(0) == -EINVAL);
    CHECK(os.sched_setaffinity(4) == -EINVAL);
    CHECK(os.sched_setaffinity(1) == 0);
  });
}

TEST_CASE("sched_setscheduler: who lowers himself below a waiting task gives way at once",
          "[scheduling][calls]") {
  const int lower = GENERATE(10, 0);
  ProgramHost machine;
  std::string order;
  machine.story([&](Syscalls& os) {
    const int waiting = os.thread_create([&](Syscalls& its) {
      CHECK(its.sched_setscheduler(SCHED_FIFO, 30) == 0);
      its.sched_yield();
      order += "w";
      its.compute(Duration::ms(2));
      order += "e";
    });
    order += "a";
    CHECK(os.sched_setscheduler(SCHED_FIFO, 20) ==
          0);  // now it runs, lowers itself to 30, and goes on: still higher
    order += "b";
    CHECK(os.sched_setscheduler(lower == 0 ? SCHED_OTHER : SCHED_FIFO, lower) == 0);
    order += "c";
    CHECK(os.sched_setscheduler(SCHED_RR, 60) == 0);
    os.thread_join(waiting);
  });
  CHECK(order == "awebc");
}

TEST_CASE("sched_setscheduler: among new equals, who came down stays first and who came up goes last",
          "[scheduling][calls]") {
  ProgramHost machine;
  std::string order;
  machine.story([&](Syscalls& os) {
    std::vector<int> tids;
    for (const char name : {'a', 'b'}) {
      tids.push_back(
          os.thread_create([&, name](Syscalls& its) { order += name, its.sched_yield(), order += name; }));
    }
    CHECK(os.sched_setscheduler(SCHED_OTHER, 0) == 0);
    for (const int tid : tids) os.thread_join(tid);
    order += "m";
  });
  CHECK(order == "ababm");
}

TEST_CASE("fair tasks keep the invariants through changes of policy", "[scheduling][calls]") {
  ProgramHost machine{2};
  machine.story([&](Syscalls& os) {
    std::vector<int> tids;
    for (int i = 0; i < 6; ++i) {
      tids.push_back(os.thread_create([i](Syscalls& its) {
        for (int round = 0; round < 12; ++round) {
          const int which = (i + round) % 5;
          constexpr int kPolicies[] = {SCHED_OTHER, SCHED_FIFO, SCHED_IDLE, SCHED_RR, SCHED_BATCH};
          its.sched_setscheduler(kPolicies[which], which % 2 == 1 ? 10 + i : 0);
          its.compute(Duration::us(700));
          if (round % 3 == 0) its.nanosleep(Duration::us(50));
          its.sched_setaffinity(round % 4 == 0 ? 1 : 3);
        }
      }));
    }
    for (const int tid : tids) CHECK(os.thread_join(tid) == 0);
  });
  machine.host.scheduler().check_invariants();
}
