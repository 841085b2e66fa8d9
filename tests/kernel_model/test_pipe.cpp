// Pipes: what is in them, who waits at their ends, and what poll and epoll say of them.

#include <algorithm>
#include <fcntl.h>

#include "kernel_model/files/pipe_end.hpp"
#include "tests/kernel_model/support/readiness.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

struct PipeMachine : ReadinessMachine {
  explicit PipeMachine(int flags = O_NONBLOCK) {
    const auto [reading, writing] = make_pipe(files, flags);
    reader = &reading, writer = &writing;
  }
  PipeEnd* reader;
  PipeEnd* writer;

  std::int64_t write(std::size_t size) { return writer->write({nullptr, size}); }
  std::int64_t read(std::size_t size) { return reader->read({nullptr, size}); }
  std::int64_t write(std::string_view text) {
    return writer->write({reinterpret_cast<const std::byte*>(text.data()), text.size()});
  }
  std::string text(std::size_t most) {
    std::string got(most, '?');
    const std::int64_t n = reader->read({reinterpret_cast<std::byte*>(got.data()), most});
    return n < 0 ? std::to_string(n) : got.substr(0, static_cast<std::size_t>(n));
  }
};

constexpr Events kIn = EPOLLIN | EPOLLRDNORM, kOut = EPOLLOUT | EPOLLWRNORM;

}  // namespace

TEST_CASE("pipe: bytes come out as they went in, and each end goes one way only", "[pipe]") {
  PipeMachine machine;
  machine.story([&] {
    CHECK(machine.text(9) == "-11");
    CHECK(machine.write("ab") == 2);
    CHECK(machine.write("cde") == 3);
    CHECK(machine.reader->pipe().slots() == 1);
    CHECK(machine.text(4) == "abcd");
    CHECK(machine.write(2) == 2);  // without data
    CHECK(machine.write("f") == 1);
    CHECK(machine.text(9) == std::string("e\0\0f", 4));
    CHECK(machine.reader->write({nullptr, 0}) == -EBADF);
    CHECK(machine.writer->read({nullptr, 0}) == -EBADF);
    CHECK(machine.read(0) == 0);  // nobody looks: there is nothing
  });
}

TEST_CASE("pipe: 16 pages may be full with little, and a write of a page is whole or not at all", "[pipe]") {
  PipeMachine machine;
  machine.story([&] {
    for (int i = 0; i < 16; ++i) CHECK(machine.write(2049) == 2049);
    CHECK(machine.write(2048) == -EAGAIN);
    CHECK(machine.writer->poll(nullptr) == 0);
    CHECK(machine.write(2047) == 2047);  // fits into the last page
    CHECK(machine.write(5000) == -EAGAIN);
    CHECK(machine.read(1) == 1);  // the first page is still there
    CHECK(machine.writer->poll(nullptr) == 0);
    CHECK(machine.read(2048) == 2048);
    CHECK(machine.writer->poll(nullptr) == kOut);
    CHECK(machine.write(5000) == 4096);  // 904 did not fit into the last page, one more page is free
    CHECK(machine.read(100'000) == 15 * 2049 + 2047 + 4096);
    CHECK(machine.write(100'000) == 65536);
  });
  PipeMachine odd;
  odd.story([&] {
    CHECK(odd.write(61440 + 100) == 61540);
    CHECK(odd.write(4096) == -EAGAIN);
    CHECK(odd.write(4097) == 1);  // the odd byte found room
    CHECK(odd.write(3996) == -EAGAIN);
  });
}

TEST_CASE("pipe: packets are read one by one, and what a read has no room for is lost", "[pipe]") {
  PipeMachine machine{O_NONBLOCK | O_DIRECT};
  machine.story([&] {
    CHECK(machine.write("one") == 3);
    CHECK(machine.write("two") == 3);
    CHECK(machine.write(5000) == 5000);
    CHECK(machine.text(2) == "on");
    CHECK(machine.text(9) == "two");
    CHECK(machine.read(100) == 100);
    CHECK(machine.read(9000) == 904);
    for (int i = 0; i < 16; ++i) CHECK(machine.write(1) == 1);
    CHECK(machine.write(1) == -EAGAIN);
  });
}

TEST_CASE("pipe: without a writer reads end, without a reader writes fail", "[pipe]") {
  PipeMachine machine;
  machine.story([&] {
    machine.write(5);
    machine.files.let_go(*machine.writer);
    CHECK(machine.reader->poll(nullptr) == (kIn | EPOLLHUP));
    CHECK(machine.read(9) == 5);
    CHECK(machine.reader->poll(nullptr) == EPOLLHUP);
    CHECK(machine.read(9) == 0);
  });
  PipeMachine other;
  other.story([&] {
    other.files.let_go(*other.reader);
    CHECK(other.writer->poll(nullptr) == (kOut | EPOLLERR));
    CHECK(other.write(1) == -EPIPE);
    CHECK(other.write(0) == 0);
  });
}

TEST_CASE("pipe: a reader sleeps until something is written, and until the last writer goes", "[pipe]") {
  PipeMachine machine{0};
  std::string log;
  machine.thread("reader", [&] {
    log += machine.text(9) + " ";
    log += "end" + std::to_string(machine.read(9));
  });
  machine.thread("writer", [&] {
    machine.sleep_until(Instant::ns(1'000'000));
    machine.write("hey");
    machine.sleep_until(Instant::ns(2'000'000));
    CHECK(log == "hey ");
    machine.files.let_go(*machine.writer);
  });
  machine.run_for(Duration::ms(5));
  CHECK(log == "hey end0");
}

TEST_CASE("pipe: a blocking write goes on as pages become free, and ends short when the reader goes",
          "[pipe]") {
  PipeMachine machine{0};
  std::vector<std::int64_t> written;
  machine.thread("writer", [&] {
    written.push_back(machine.write(100'000));
    written.push_back(machine.write(100'000));
    written.push_back(machine.write(1));
  });
  machine.run_for(Duration::ms(1));
  CHECK(machine.reader->pipe().bytes() == 65536);
  machine.story([&] {
    const auto before = machine.wakeups();
    machine.read(4095);
    CHECK(machine.wakeups() == before);  // no page is free yet
    machine.read(1);
    CHECK(machine.wakeups() == before + 1);
    std::size_t rest = 100'000 - 4096;
    while (rest > 0) rest -= static_cast<std::size_t>(machine.read(rest));
  });
  CHECK(written == std::vector<std::int64_t>{100'000});
  machine.story([&] { machine.files.let_go(*machine.reader); });
  REQUIRE(written.size() == 3);
  CHECK(written[1] == 1696 + 15 * 4096);  // its odd bytes joined those of the first write in the last page
  CHECK(written[2] == -EPIPE);
}

TEST_CASE("pipe: of two readers one is woken, first come first, who wakes the next if something is left",
          "[pipe]") {
  PipeMachine machine{0};
  std::string log;
  for (const char* name : {"a", "b"})
    machine.thread(name, [&, name] { log += machine.text(1) + name + " "; });
  machine.run_for(Duration::ms(1));
  SECTION("one byte") {
    machine.story([&] {
      const auto before = machine.wakeups();
      machine.write("x");
      CHECK(machine.wakeups() == before + 1);
    });
    CHECK(log == "xa ");
    machine.story([&] { machine.write("y"); });
    CHECK(log == "xa yb ");
  }
  SECTION("two bytes") {
    machine.story([&] { machine.write("xy"); });
    CHECK(log == "xa yb ");
  }
}

TEST_CASE("pipe: edge-triggered epoll hears of each write, but of a read only when it was full", "[pipe]") {
  PipeMachine machine;
  Epoll& epoll = machine.make_epoll();
  machine.story([&] {
    CHECK(watch(epoll, *machine.reader, EPOLLIN | EPOLLET) == 0);
    CHECK(mask(epoll) == 0);
    for (int i = 0; i < 2; ++i) {
      machine.write(1);
      CHECK(mask(epoll) == EPOLLIN);
      CHECK(mask(epoll) == 0);
    }
    machine.write(0);
    CHECK(mask(epoll) == 0);
    machine.write(65'536);
    CHECK(mask(epoll) == EPOLLIN);
    CHECK(machine.write(4096) == -EAGAIN);
    CHECK(mask(epoll) == EPOLLIN);  // even of a write that wrote nothing
    unwatch(epoll, *machine.reader);

    CHECK(watch(epoll, *machine.writer, EPOLLOUT | EPOLLET, 0, 4) == 0);
    CHECK(mask(epoll) == 0);
    machine.read(1);
    CHECK(mask(epoll) == 0);
    machine.read(1);
    CHECK(mask(epoll) == EPOLLOUT);
    machine.read(4096);
    CHECK(mask(epoll) == 0);
    machine.files.let_go(*machine.reader);
    CHECK(mask(epoll) == (EPOLLOUT | EPOLLERR));
  });
}

TEST_CASE("pipe: level-triggered epoll reports what is there, and the end once", "[pipe]") {
  PipeMachine machine;
  Epoll& epoll = machine.make_epoll();
  machine.story([&] {
    watch(epoll, *machine.reader, EPOLLIN);
    machine.write(2);
    for (int i = 0; i < 2; ++i) CHECK(mask(epoll) == EPOLLIN);
    machine.read(2);
    CHECK(mask(epoll) == 0);
    machine.files.let_go(*machine.writer);
    for (int i = 0; i < 2; ++i) CHECK(mask(epoll) == EPOLLHUP);
  });
}

TEST_CASE("pipe: its size is a power of two of pages, and holds what is in it", "[pipe]") {
  PipeMachine machine;
  Pipe& pipe = machine.reader->pipe();
  machine.story([&] {
    const auto set = [&](int size) { return pipe.set_size(*machine.reader, size); };
    CHECK(pipe.size() == 65536);
    CHECK(set(0) == 4096);
    CHECK(set(5000) == 8192);
    CHECK(set(1 << 20) == 1 << 20);
    CHECK(set((1 << 20) + 1) == -EPERM);
    CHECK(set(0x7fffffff) == -EPERM);
    CHECK(set(-1) == -EINVAL);
    machine.write(3 * 4096 + 1);
    CHECK(set(8192) == -EBUSY);
    CHECK(set(16384) == 16384);
    CHECK(machine.write(1) == 1);
    CHECK(machine.write(4096) == -EAGAIN);
  });
}

TEST_CASE("pipe: a larger size lets a writer go on", "[pipe]") {
  PipeMachine machine{0};
  std::int64_t written = 0;
  machine.thread("writer", [&] { written = machine.write(70'000); });
  machine.run_for(Duration::ms(1));
  CHECK(written == 0);
  machine.story([&] { machine.reader->pipe().set_size(*machine.writer, 131072); });
  CHECK(written == 70'000);
}

TEST_CASE("pipe: with room for one descriptor only, none is taken and nothing stays open", "[pipe][fd]") {
  ReadinessMachine machine;
  machine.story([&] {
    FdTable table{ProcessId{1}, machine.files, 4};
    std::array<int, 2> ends{-7, -7};
    CHECK(open_pipe(table, machine.files, 0, ends) == 0);
    CHECK(ends == std::array{0, 1});
    CHECK(table.dup(0) == 2);
    ends = {-7, -7};
    CHECK(open_pipe(table, machine.files, 0, ends) == -EMFILE);
    CHECK(ends == std::array{-7, -7});
    CHECK(machine.told({"file:opened"}).size() == 4);
    CHECK(machine.told({"file:released"}).size() == 2);
    CHECK(table.dup(0) == 3);
    table.close_all();
    CHECK(machine.told({"file:released"}).size() == 4);
  });
}
