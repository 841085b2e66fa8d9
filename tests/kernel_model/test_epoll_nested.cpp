// Instances that watch instances, and what is closed while it is watched.

#include "tests/kernel_model/support/readiness.hpp"

using namespace stackscope;
using namespace stackscope::test;

TEST_CASE("an instance is ready where one of its files is, two levels up", "[epoll][nested]") {
  ReadinessMachine machine;
  Epoll &inner = machine.make_epoll(), &middle = machine.make_epoll(), &outer = machine.make_epoll();
  Source& source = machine.make_source();
  Events got = 0;
  machine.thread("waiter", [&] {
    CHECK(watch(inner, source, EPOLLIN, 1) == 0);
    CHECK(watch(middle, inner, EPOLLIN, 2) == 0);
    CHECK(watch(outer, middle, EPOLLIN, 3) == 0);
    got = mask(outer, Epoll::kForever);
  });
  machine.run_for(Duration::ms(1));
  CHECK(got == 0);
  machine.story([&] { source.fire(); });
  CHECK(got == EPOLLIN);
  machine.story([&] {
    CHECK(reported(middle) == Reports{2});
    source.take();
    CHECK(reported(outer).empty());  // asks all the way down, and finds nothing
    CHECK(inner.ready_list().empty());
  });
}

TEST_CASE("circles and chains of more than four links are refused", "[epoll][nested]") {
  ReadinessMachine machine;
  std::vector<Epoll*> e;
  for (int i = 0; i < 10; ++i) e.push_back(&machine.make_epoll());
  const auto add = [&](std::size_t outer, std::size_t inner) { return watch(*e[outer], *e[inner], EPOLLIN); };
  // The expected values are what Linux 6.18 answers.
  SECTION("bottom up") {
    machine.story([&] {
      std::vector<int> answers;
      for (std::size_t i = 0; i < 9; ++i) answers.push_back(add(i + 1, i));
      CHECK(answers == std::vector<int>{0, 0, 0, 0, -ELOOP, 0, 0, 0, 0});
    });
  }
  SECTION("top down") {
    machine.story([&] {
      std::vector<int> answers;
      for (std::size_t i = 9; i > 0; --i) answers.push_back(add(i, i - 1));
      CHECK(answers == std::vector<int>{0, 0, 0, 0, -ELOOP, 0, 0, 0, 0});
    });
  }
  SECTION("two chains joined, and a circle") {
    machine.story([&] {
      CHECK(add(1, 0) == 0);
      CHECK(add(2, 1) == 0);
      CHECK(add(4, 3) == 0);
      CHECK(add(5, 4) == 0);
      CHECK(add(3, 2) == -ELOOP);
      CHECK(add(0, 2) == -ELOOP);
      CHECK(add(0, 0) == -EINVAL);
    });
  }
}

TEST_CASE("from one file at most 500 ways of two links lead up", "[epoll][nested]") {
  ReadinessMachine machine;
  Epoll& inner = machine.make_epoll();
  Source& source = machine.make_source();
  int added = 0, answer = 0;
  machine.thread("adder", [&] {
    watch(inner, source, EPOLLIN);
    while (added < 600 && (answer = watch(machine.make_epoll(), inner, EPOLLIN)) == 0) ++added;
  });
  machine.trace.set_observer({});  // five hundred instances to compare after each record take long
  machine.run_for(Duration::s(1));
  CHECK(added == 500);
  CHECK(answer == -EINVAL);
}

TEST_CASE("closing an inner instance: the outer one forgets it", "[epoll][nested][close]") {
  ReadinessMachine machine;
  Epoll& outer = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    FdTable table{ProcessId{1}, machine.files};
    Epoll& inner = machine.make_epoll();
    const int fd = table.open(inner);
    watch(inner, source, EPOLLIN);
    watch(outer, inner, EPOLLIN, 0, fd);
    source.fire();
    CHECK(mask(outer) == EPOLLIN);
    table.close(fd);
    CHECK(outer.tree().empty());
    CHECK(source.watchers().empty());
    CHECK(mask(outer) == 0);
  });
}

TEST_CASE("a file closed on another CPU while it is asked: the scan ends first", "[epoll][close]") {
  for (std::int64_t at = 995'000; at < 1'030'000; at += 500) {
    ReadinessMachine machine{2};
    machine.asking = Cost{Duration::us(10)};
    Epoll& epoll = machine.make_epoll();
    Source &a = machine.make_source(), &b = machine.make_source();
    const FileId gone = b.id();
    FdTable table{ProcessId{1}, machine.files};
    bool ended = false;
    machine.thread(
        "waiter",
        [&] {
          watch(epoll, a, EPOLLIN, 1);
          watch(epoll, b, EPOLLIN, 2, 4);
          a.fire();
          b.fire();
          machine.sleep_until(Instant::ns(1'000'000));
          const Reports first = reported(epoll);
          CHECK((first == Reports{1, 2} || first == Reports{1}));
          ended = true;
        },
        50, 1);
    machine.thread(
        "closer",
        [&] {
          const int fd = table.open(b);
          machine.sleep_until(Instant::ns(at));
          table.close(fd);
        },
        50, 2);
    machine.run_for(Duration::ms(3));
    CHECK(ended);
    CHECK(machine.files.find(gone) == nullptr);
  }
}

TEST_CASE("a file and the instance that watches it closed at once on two CPUs", "[epoll][close]") {
  for (std::int64_t offset = -3000; offset <= 3000; offset += 100) {
    ReadinessMachine machine{2};
    machine.epoll_costs.release_item = Cost{Duration::ns(700)};
    Epoll& epoll = machine.make_epoll();
    Source &a = machine.make_source(), &b = machine.make_source();
    int closed = 0;
    FdTable table{ProcessId{1}, machine.files};
    const auto close_at = [&](int fd, std::int64_t at) {
      machine.sleep_until(Instant::ns(at));
      table.close(fd);
      ++closed;
    };
    machine.thread(
        "one",
        [&] {
          watch(epoll, a, EPOLLIN);
          watch(epoll, b, EPOLLIN);
          close_at(table.open(epoll), 1'000'000);
        },
        50, 1);
    machine.thread("other", [&] { close_at(table.open(b), 1'000'000 + offset); }, 50, 2);
    machine.run_for(Duration::ms(3));
    CHECK(closed == 2);
    CHECK(a.watchers().empty());
  }
}
