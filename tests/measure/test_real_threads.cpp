// Threads and processes on the kernel underneath, and what makes their order definite.

#include <csignal>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "tests/measure/real.hpp"

namespace stackscope {

TEST_CASE("a thread is made, joined, joined again", "[real][threads]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    int seen = 0;
    const int tid =
        os.thread_create([&](Syscalls& own) { seen = own.gettid(), own.nanosleep(Duration::ms(1)); });
    say(os, {os.thread_join(tid), seen == tid, os.thread_join(tid), os.thread_join(os.gettid()),
             os.thread_join(1)});
    return 0;
  }) == Lines{"1:0 1 0 -35 -3"});
}

TEST_CASE("the threads of a body know their numbers, and share words", "[real][threads]") {
  RealTest real;
  RealProgram program{.body = [](Syscalls& os) {
    const auto number = static_cast<std::uint32_t>(os.thread_number());
    for (std::uint32_t turn = 0; (turn = os.load(0)) != number;) os.futex_wait(0, turn, Duration::max());
    say(os, {number, os.threads()});
    os.store(0, number + 1);
    os.futex_wake(0, INT32_MAX);
    return os.thread_number() == 0 ? 5 : 9;
  }};
  program.threads = 4;
  const RealResult result = real.run({program});
  CHECK(result.outcome == RealResult::Outcome::kFinished);
  CHECK(result.exit_code() == 5);
  CHECK(real.lines == Lines{"1:0 4", "1:1 4", "1:2 4", "1:3 4"});
}

TEST_CASE("a forked process has its own words and the same descriptors", "[real][threads]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    std::array<int, 2> ends{};
    os.pipe2(ends, 0);
    os.store(1, 41);
    const int parent = os.getpid();
    const int child = os.fork([&](Syscalls& own) {
      own.store(1, own.load(1) + 1);
      const bool is_other = own.getpid() != parent && own.getpid() == own.gettid();
      own.write(ends[1], {nullptr, own.load(1)});
      return is_other ? 3 : 4;
    });
    int status = 0;
    const bool is_same = os.waitpid(-1, status, 0) == child;
    say(os, {is_same, WEXITSTATUS(status), os.load(1), os.read(ends[0], {nullptr, 100})});
    say(os, {os.waitpid(-1, status, 0), os.kill(child, 0)});
    return 0;
  }) == Lines{"1:1 3 41 42", "1:-10 -3"});
}

TEST_CASE("a killed process tells its signal", "[real][threads]") {
  RealTest real;
  CHECK(real.printed_by([](Syscalls& os) {
    const int child = os.fork([](Syscalls& own) { return own.poll({}, -1); });
    int status = 0;
    say(os, {os.waitpid(child, status, WNOHANG), os.kill(child, SIGTERM),
             os.waitpid(child, status, 0) == child, WTERMSIG(status)});
    return 0;
  }) == Lines{"1:0 0 1 15"});
  CHECK(real.run([](Syscalls& os) { return os.kill(os.getpid(), SIGKILL); }).exit_code() == 137);
  CHECK(real.run([](Syscalls& os) { return os.exit_group(6), 0; }).exit_code() == 6);
}

TEST_CASE("process numbers begin anew with each run", "[real][threads]") {
  RealTest real;
  for (int i = 0; i < 2; ++i) {
    real.lines.clear();
    CHECK(real.printed_by([](Syscalls& os) {
      const int tid = os.thread_create([](Syscalls&) {});
      os.thread_join(tid);
      say(os, {os.getpid(), tid});
      return 0;
    }) == Lines{"1:2 3"});
  }
}

// --- the interpreter's lock ------------------------------------------------------------------------------------------

TEST_CASE("with the interpreter's lock nothing changes between two calls", "[real][threads][lock]") {
  RealTest real;
  CHECK(real.printed_by(
            [](Syscalls& os) {
              int count = 0, torn = 0;  // plain: the lock is what guards them
              std::vector<int> tids;
              for (int i = 0; i < 4; ++i) {
                tids.push_back(os.thread_create([&](Syscalls& own) {
                  for (int round = 0; round < 500; ++round) {
                    const int before = ++count;
                    for (int k = 0; k < 100; ++k) asm volatile("" ::: "memory");
                    torn += count != before;
                    own.getpid();
                  }
                }));
              }
              for (const int tid : tids) os.thread_join(tid);
              say(os, {count, torn});
              return 0;
            },
            true) == Lines{"1:2000 0"});
}

TEST_CASE("a new thread runs behind its maker, in the order of making", "[real][threads][lock]") {
  RealTest real;
  std::string order;
  for (int again = 0; again < 20; ++again) {
    real.lines.clear();
    const Lines lines = real.printed_by(
        [](Syscalls& os) {
          std::string said = "m";
          std::vector<int> tids;
          for (char name = 'a'; name <= 'c'; ++name) {
            tids.push_back(os.thread_create([&said, name](Syscalls&) { said += name; }));
          }
          for (const int tid : tids) os.thread_join(tid);
          os.print(1, said);
          return 0;
        },
        true);
    CHECK(lines == Lines{"1:mabc"});
  }
}

TEST_CASE("wait_until_blocked: all sleepers are there, and a second look would say the same",
          "[real][threads][definite]") {
  for (const bool with_lock : {false, true}) {
    RealTest real;
    for (int again = 0; again < 20; ++again) {
      real.lines.clear();
      CHECK(real.printed_by(
                [](Syscalls& os) {
                  const int event = os.eventfd(0, EFD_SEMAPHORE);
                  std::vector<int> tids;
                  std::atomic<int> arrived = 0;
                  for (int i = 0; i < 6; ++i) {
                    tids.push_back(os.thread_create([&](Syscalls& own) {
                      own.compute(Duration::us(200));
                      ++arrived;
                      own.read(event, {nullptr, 8});
                    }));
                  }
                  os.wait_until_blocked(tids);
                  std::int64_t before = 0, after = 0;
                  for (const int tid : tids) before += os.wakeups(tid);
                  const int were_there = arrived;
                  std::uint64_t six = 6;
                  os.write(event, {reinterpret_cast<std::byte*>(&six), 8});
                  for (const int tid : tids) os.thread_join(tid);
                  os.wait_until_blocked(tids);
                  for (const int tid : tids) after += os.wakeups(tid);
                  say(os, {were_there, after - before});
                  return 0;
                },
                with_lock) == Lines{"1:6 6"});
    }
  }
}

TEST_CASE("wakeups counts sleeps in calls, not those on the lock or in print", "[real][threads][definite]") {
  RealTest real;
  CHECK(real.printed_by(
            [](Syscalls& os) {
              const int event = os.eventfd(0, 0);
              bool is_done = false;
              const int reader = os.thread_create([&](Syscalls& own) {
                while (!is_done) own.read(event, {nullptr, 8});
              });
              const int noisy = os.thread_create([&](Syscalls& own) {
                while (!is_done) own.getpid();
              });
              os.wait_until_blocked({&reader, 1});
              const std::int64_t before = os.wakeups(reader);
              std::uint64_t one = 1;
              for (int i = 0; i < 10; ++i) {
                os.write(event, {reinterpret_cast<std::byte*>(&one), 8});
                os.wait_until_blocked({&reader, 1});
              }
              say(os, {os.wakeups(reader) - before, os.wakeups(noisy)});
              is_done = true;
              os.write(event, {reinterpret_cast<std::byte*>(&one), 8});
              os.thread_join(reader), os.thread_join(noisy);
              return 0;
            },
            true) == Lines{"1:10 0"});
}

}  // namespace stackscope
