// eventfd, descriptors, poll, futex and nanosleep.

#include <fcntl.h>

#include "kernel_model/readiness/poll.hpp"
#include "kernel_model/scheduler/futex.hpp"
#include "kernel_model/scheduler/sleep.hpp"
#include "tests/kernel_model/support/readiness.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

std::int64_t write_value(File& file, std::uint64_t value) {
  return file.write({reinterpret_cast<const std::byte*>(&value), sizeof value});
}
std::uint64_t read_value(File& file) {
  std::uint64_t value = 0;
  const auto n = file.read({reinterpret_cast<std::byte*>(&value), sizeof value});
  return n == 8 ? value : UINT64_MAX;
}

/// Files with descriptors from 0 on, of which poll(2) is asked.
class PollWorld {
 public:
  PollWorld(ReadinessMachine& machine, const std::vector<File*>& files)
      : files_(machine.files), table_(ProcessId{1}, machine.files) {
    machine.thread("opener", [this, files] {
      for (File* file : files) table_.open(*file);
    });
    machine.run_for(Duration::us(100));
  }
  int poll(std::vector<pollfd>& asked, Duration timeout) {
    PollCall call{files_, table_, hooks_, timeout};
    return poll_files(call, asked);
  }

 private:
  Files& files_;
  FdTable table_;
  PollHooks hooks_;
};

}  // namespace

TEST_CASE("eventfd: writes add up, a read takes all, or one from a semaphore", "[eventfd]") {
  ReadinessMachine machine;
  Eventfd& counter = machine.make_eventfd(2, EFD_NONBLOCK);
  Eventfd& semaphore = machine.make_eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
  machine.story([&] {
    CHECK(write_value(counter, 5) == 8);
    CHECK(read_value(counter) == 7);
    CHECK(counter.read({nullptr, 8}) == -EAGAIN);
    CHECK(counter.read({nullptr, 4}) == -EINVAL);
    CHECK(counter.write({nullptr, 9}) == -EINVAL);
    CHECK(write_value(counter, UINT64_MAX) == -EINVAL);
    CHECK(counter.poll(nullptr) == EPOLLOUT);
    CHECK(write_value(counter, UINT64_MAX - 1) == 8);
    CHECK(counter.poll(nullptr) == EPOLLIN);
    CHECK(write_value(counter, 1) == -EAGAIN);
    CHECK(read_value(semaphore) == 1);
    CHECK(read_value(semaphore) == 1);
    CHECK(semaphore.read({nullptr, 8}) == -EAGAIN);
  });
}

TEST_CASE("eventfd: a reader sleeps until something is written, a writer until there is room", "[eventfd]") {
  ReadinessMachine machine;
  Eventfd& eventfd = machine.make_eventfd();
  std::string log;
  machine.thread("reader", [&] {
    log += "r" + std::to_string(read_value(eventfd)) + " ";
    machine.sleep_until(Instant::ns(5'000'000));
    log += std::to_string(read_value(eventfd) == UINT64_MAX - 1) + " ";
  });
  machine.thread("writer", [&] {
    write_value(eventfd, 3);
    machine.sleep_until(Instant::ns(1'000'000));
    write_value(eventfd, UINT64_MAX - 1);
    write_value(eventfd, 9);
    log += "w" + std::to_string(eventfd.count());
  });
  machine.run_for(Duration::ms(10));
  CHECK(log == "r3 1 w9");
}

TEST_CASE("descriptors: the lowest free number, up to the limit", "[fd]") {
  ReadinessMachine machine;
  machine.story([&] {
    FdTable table{ProcessId{1}, machine.files, 70};
    for (int i = 0; i < 70; ++i) CHECK(table.open(machine.make_source()) == i);
    CHECK(table.open(machine.make_source()) == -EMFILE);
    CHECK(table.dup(3) == -EMFILE);
    for (const int fd : {66, 5, 31}) CHECK(table.close(fd) == 0);
    CHECK(table.close(5) == -EBADF);
    CHECK(table.close(-1) == -EBADF);
    CHECK(table.dup(5) == -EBADF);
    CHECK(table.dup(0) == 5);
    CHECK(table.reserve() == 31);
    CHECK_FALSE(table.is_open(31));
    CHECK(table.dup(0) == 66);
    table.unreserve(31);
    CHECK(table.dup(0) == 31);
    table.close_all();
    CHECK(machine.told({"file:released"}).size() == 71);
    CHECK(machine.told({"file:opened"}).size() == 71);
  });
}

TEST_CASE("a call under way keeps its file though another thread closes it", "[fd]") {
  ReadinessMachine machine;
  FdTable table{ProcessId{1}, machine.files};
  Eventfd& eventfd = machine.make_eventfd();
  const FileId id = eventfd.id();
  std::uint64_t got = 0;
  machine.thread("reader", [&] {
    FileRef file = table.get(table.open(eventfd));
    got = read_value(*file);
  });
  machine.thread("closer", [&] {
    FileRef held = table.get(0);
    CHECK(table.close(0) == 0);
    CHECK_FALSE(table.get(0));
    CHECK(machine.files.find(id) != nullptr);
    write_value(*held, 4);
  });
  machine.run_for(Duration::ms(1));
  CHECK(got == 4);
  CHECK(machine.files.find(id) == nullptr);
}

TEST_CASE("poll: hooks only until something is ready, and only once", "[poll]") {
  ReadinessMachine machine;
  Source &a = machine.make_source(), &b = machine.make_source(), &c = machine.make_source();
  PollWorld world{machine, {&a, &b, &c}};
  std::vector<pollfd> targets{{0, POLLIN, 0}, {1, POLLIN, 0}, {2, POLLIN, 0}};
  const auto added = [&] { return machine.told({"wait_queue:add"}).size(); };
  machine.story([&] {
    b.pending = 1;
    CHECK(world.poll(targets, Duration::ns(-1)) == 1);
    CHECK(added() == 2);  // a, and b: it hooks before it answers
    CHECK(targets[1].revents == POLLIN);
    CHECK_FALSE(a.queue.is_active());
    CHECK(world.poll(targets, {}) == 1);
    CHECK(added() == 2);  // a look without a wait hooks nothing
    b.take();
    CHECK(world.poll(targets, Duration::ms(1)) == 0);
    CHECK(added() == 5);
    CHECK(machine.now_ns() >= 1'000'000);
  });
}

TEST_CASE("poll: a wake-up for other events does not wake, and one for nothing goes back to sleep",
          "[poll]") {
  ReadinessMachine machine;
  Source& source = machine.make_source();
  int answer = -1;
  PollWorld world{machine, {&source}};
  std::vector<pollfd> targets{{-1, POLLIN, 77}, {0, POLLIN, 0}};
  machine.thread("poller", [&] { answer = world.poll(targets, Duration::ns(-1)); });
  machine.run_for(Duration::ms(1));
  const auto before = machine.wakeups();
  machine.story([&] { source.queue.wake_up(EPOLLOUT); });
  CHECK(machine.wakeups() == before);
  machine.story([&] { source.queue.wake_up(EPOLLIN); });
  CHECK(machine.wakeups() == before + 1);
  CHECK(answer == -1);
  machine.story([&] { source.fire(); });
  CHECK(answer == 1);
  CHECK(targets[0].revents == 0);
  CHECK_FALSE(source.queue.is_active());
}

TEST_CASE("poll: a descriptor that names nothing is POLLNVAL, a file that cannot be polled is always ready",
          "[poll]") {
  ReadinessMachine machine;
  Source& regular_file = machine.make_source();
  regular_file.is_pollable = false;
  PollWorld world{machine, {&regular_file}};
  std::vector<pollfd> targets{{9, POLLIN, 0}, {0, POLLIN | POLLOUT | POLLPRI, 0}};
  machine.story([&] {
    CHECK(world.poll(targets, Duration::ns(-1)) == 2);
    CHECK(targets[0].revents == POLLNVAL);
    CHECK(targets[1].revents == (POLLIN | POLLOUT));
  });
}

TEST_CASE("futex: real-time threads first, then first come first served", "[futex]") {
  ReadinessMachine machine;
  Futexes futexes{ProcessId{1}, machine.scheduler()};
  const std::uint32_t word = 1;
  std::string log;
  const auto waiter = [&](const char* name, std::uint8_t priority) {
    machine.thread(
        name,
        [&, name] {
          CHECK(futexes.wait(0, word, 1, Futexes::kForever) == 0);
          log += name;
        },
        priority);
    machine.run_for(Duration::ms(1));
  };
  waiter("a", 0);
  waiter("b", 0);
  waiter("C", 20);
  waiter("D", 30);
  machine.story([&] {
    CHECK(futexes.wake(1, 9) == 0);
    for (int i = 0; i < 4; ++i) {
      CHECK(futexes.wake(0, 1) == 1);
      machine.sleep_until(machine.engine.now() + Duration::ms(1));
    }
    CHECK(futexes.wake(0, 1) == 0);
  });
  CHECK(log == "DCab");
}

TEST_CASE("futex: another value does not sleep, and the time may run out", "[futex]") {
  ReadinessMachine machine;
  Futexes futexes{ProcessId{1}, machine.scheduler()};
  const std::uint32_t word = 1;
  machine.story([&] {
    CHECK(futexes.wait(0, word, 2, Futexes::kForever) == -EAGAIN);
    const std::int64_t began = machine.now_ns();
    CHECK(futexes.wait(0, word, 1, Duration::ms(3)) == -ETIMEDOUT);
    CHECK(machine.now_ns() >= began + 3'000'000);
    CHECK(futexes.wake(0, 1) == 0);
  });
}

TEST_CASE("nanosleep: never early, and late by the slack of a normal thread", "[time]") {
  const std::uint8_t priority = GENERATE(std::uint8_t{0}, std::uint8_t{50});
  ReadinessMachine machine;
  std::int64_t took = 0;
  machine.thread(
      "sleeper",
      [&] {
        const std::int64_t began = machine.now_ns();
        sleep_for(machine.scheduler(), Duration::us(100));
        took = machine.now_ns() - began;
      },
      priority);
  machine.run_for(Duration::ms(2));
  CHECK(took >= 100'000 + (priority > 0 ? 0 : 50'000));
  CHECK(took < 100'000 + (priority > 0 ? 0 : 50'000) + 10'000);
}
