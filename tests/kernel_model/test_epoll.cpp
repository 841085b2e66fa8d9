// What one thread sees of an epoll instance: triggers, order, errors.

#include "tests/kernel_model/support/readiness.hpp"

using namespace stackscope;
using namespace stackscope::test;

TEST_CASE("level-triggered: told as long as the file is ready", "[epoll]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    CHECK(watch(epoll, source, EPOLLIN, 7) == 0);
    CHECK(reported(epoll).empty());
    source.fire();
    CHECK(reported(epoll) == Reports{7});
    CHECK(reported(epoll) == Reports{7});
    source.take();
    CHECK(reported(epoll).empty());
    CHECK(epoll.ready_list().empty());
  });
}

TEST_CASE("edge-triggered: two events before a look are one; a third is told though nothing was read",
          "[epoll]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    watch(epoll, source, EPOLLIN | EPOLLET, 7);
    source.fire();
    source.fire();
    CHECK(reported(epoll) == Reports{7});
    CHECK(reported(epoll).empty());
    source.fire();
    CHECK(reported(epoll) == Reports{7});
  });
}

TEST_CASE("one-shot: told once, and deaf until it is armed again", "[epoll]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    watch(epoll, source, EPOLLIN | EPOLLONESHOT, 7);
    source.fire();
    CHECK(reported(epoll) == Reports{7});
    source.fire();
    source.others = EPOLLHUP;
    source.queue.wake_up(EPOLLHUP);
    CHECK(reported(epoll).empty());
    CHECK(epoll.ready_list().empty());
    CHECK(rewatch(epoll, source, EPOLLIN | EPOLLONESHOT, 8) == 0);
    CHECK(reported(epoll) == Reports{8});
  });
}

TEST_CASE("ready items are reported in the order in which they became ready", "[epoll][order]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  std::vector<Source*> sources;
  for (int i = 0; i < 5; ++i) sources.push_back(&machine.make_source());
  const auto fire_all = [&] {
    for (int i = 0; i < 5; ++i) watch(epoll, *sources[std::size_t(i)], EPOLLIN, std::uint64_t(i), i);
    for (const int i : {3, 0, 4, 1}) sources[std::size_t(i)]->fire();
  };
  SECTION("all at once") {
    machine.story([&] {
      fire_all();
      CHECK(reported(epoll) == Reports{3, 0, 4, 1});
    });
  }
  SECTION("one at a time, they take turns") {
    machine.story([&] {
      fire_all();
      for (const std::int64_t i : {3, 0, 4, 1, 3, 0}) CHECK(reported(epoll, 1) == Reports{i});
    });
  }
  SECTION("one that is listed keeps its place when it fires again") {
    machine.story([&] {
      fire_all();
      sources[0]->fire();
      sources[3]->fire();
      CHECK(reported(epoll) == Reports{3, 0, 4, 1});
    });
  }
  SECTION("one that a look finds not ready leaves, and comes back at the tail") {
    machine.story([&] {
      fire_all();
      sources[0]->take();
      CHECK(reported(epoll) == Reports{3, 4, 1});
      sources[0]->fire();
      CHECK(reported(epoll) == Reports{3, 4, 1, 0});
    });
  }
  SECTION("without a look in between it keeps its place") {
    machine.story([&] {
      fire_all();
      sources[0]->take();
      sources[0]->fire();
      CHECK(reported(epoll) == Reports{3, 0, 4, 1});
    });
  }
}

TEST_CASE("a file that is ready when it is added, or when its interest changes, is reported", "[epoll]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    source.fire();
    watch(epoll, source, EPOLLIN, 1);
    CHECK(reported(epoll) == Reports{1});
    rewatch(epoll, source, EPOLLOUT, 2);
    CHECK(reported(epoll).empty());
    source.others = EPOLLOUT;
    rewatch(epoll, source, EPOLLOUT | EPOLLET, 3);
    CHECK(reported(epoll) == Reports{3});
  });
}

TEST_CASE("errors and hang-ups are reported whether asked for or not, other events only if asked for",
          "[epoll]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    watch(epoll, source, EPOLLIN | EPOLLRDHUP);
    source.others = EPOLLOUT;
    source.queue.wake_up(EPOLLOUT);
    CHECK(epoll.ready_list().empty());  // woken for somebody else's reason
    source.others = EPOLLHUP | EPOLLRDHUP | EPOLLOUT;
    source.queue.wake_up(EPOLLHUP);
    CHECK(mask(epoll) == (EPOLLHUP | EPOLLRDHUP));
    rewatch(epoll, source, 0);
    source.others = EPOLLERR;
    source.queue.wake_up(EPOLLERR);
    CHECK(mask(epoll) == EPOLLERR);
  });
}

TEST_CASE("a wake-up that names no events is looked at for all", "[epoll]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source& source = machine.make_source();
  machine.story([&] {
    watch(epoll, source, EPOLLIN, 5);
    source.fire(0);
    CHECK(reported(epoll) == Reports{5});
  });
}

TEST_CASE("epoll_ctl answers wrong calls as Linux does", "[epoll][errno]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Epoll& inner = machine.make_epoll();
  Source& source = machine.make_source();
  Source& regular_file = machine.make_source();
  regular_file.is_pollable = false;
  machine.story([&] {
    epoll_event in{.events = EPOLLIN, .data = {}};
    CHECK(epoll.ctl(EPOLL_CTL_ADD, regular_file, 3, &in) == -EPERM);
    CHECK(epoll.ctl(99, regular_file, 3, &in) == -EPERM);  // before the operation is looked at
    CHECK(epoll.ctl(99, source, 3, &in) == -EINVAL);
    CHECK(watch(epoll, epoll, EPOLLIN) == -EINVAL);
    CHECK(rewatch(epoll, source, EPOLLIN) == -ENOENT);
    CHECK(unwatch(epoll, source) == -ENOENT);
    CHECK(watch(epoll, source, EPOLLIN) == 0);
    CHECK(watch(epoll, source, EPOLLIN) == -EEXIST);
    CHECK(watch(epoll, source, EPOLLIN, 0, 4) == 0);  // the same file by another descriptor
    CHECK(unwatch(epoll, source, 4) == 0);
    CHECK(unwatch(epoll, source) == 0);
    CHECK(watch(epoll, source, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT) == -EINVAL);
    CHECK(watch(epoll, source, EPOLLIN | EPOLLEXCLUSIVE | EPOLLRDHUP) == -EINVAL);
    CHECK(watch(epoll, source, EPOLLIN | EPOLLEXCLUSIVE | EPOLLPRI) == -EINVAL);
    CHECK(watch(epoll, inner, EPOLLIN | EPOLLEXCLUSIVE) == -EINVAL);
    CHECK(rewatch(epoll, source, EPOLLIN | EPOLLEXCLUSIVE) == -EINVAL);  // not even ENOENT
    CHECK(watch(epoll, source, EPOLLIN | EPOLLOUT | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP) == 0);
    CHECK(rewatch(epoll, source, EPOLLIN) == -EINVAL);
    CHECK(unwatch(epoll, source) == 0);
  });
}

TEST_CASE("epoll_wait refuses a size that is not positive, and stops where the program's memory ends",
          "[epoll][errno]") {
  ReadinessMachine machine;
  Epoll& epoll = machine.make_epoll();
  Source &a = machine.make_source(), &b = machine.make_source();
  machine.story([&] {
    std::array<epoll_event, 1> room{};
    CHECK(epoll.wait(room, 0, {}) == -EINVAL);
    CHECK(epoll.wait(room, -1, {}) == -EINVAL);
    CHECK(epoll.wait(room, Epoll::kMaxEvents + 1, {}) == -EINVAL);
    for (Source* source : {&a, &b}) {
      watch(epoll, *source, EPOLLIN | EPOLLET, source->id().value);
      source->fire();
    }
    CHECK(epoll.wait({}, 8, {}) == -EFAULT);
    CHECK(epoll.wait(room, 8, {}) == 1);  // an event that did not fit is not lost
    CHECK(room[0].data.u64 == a.id().value);
    CHECK(reported(epoll) == Reports{std::int64_t(b.id().value)});
  });
}

TEST_CASE("closing a watched file: every instance forgets it, but not before its last descriptor",
          "[epoll][close]") {
  ReadinessMachine machine;
  Epoll &first = machine.make_epoll(), &second = machine.make_epoll();
  machine.story([&] {
    FdTable table{ProcessId{1}, machine.files};
    Source& source = machine.make_source();
    const FileId id = source.id();
    const int fd = table.open(source);
    const int copy = table.dup(fd);
    watch(first, source, EPOLLIN, 1, fd);
    watch(second, source, EPOLLIN, 2, fd);
    source.fire();
    CHECK(table.close(fd) == 0);
    CHECK(reported(first) == Reports{1});  // the famous surprise: the watch belongs to the file
    CHECK(table.close(copy) == 0);
    CHECK(machine.files.find(id) == nullptr);
    CHECK(reported(first).empty());
    CHECK(first.tree().empty());
    CHECK(second.tree().empty());
    CHECK(second.ready_list().empty());
  });
}

TEST_CASE("closing an instance unhooks it from its files", "[epoll][close]") {
  ReadinessMachine machine;
  Source &a = machine.make_source(), &b = machine.make_source();
  machine.story([&] {
    FdTable table{ProcessId{1}, machine.files};
    Epoll& epoll = machine.make_epoll();
    const int fd = table.open(epoll);
    watch(epoll, a, EPOLLIN);
    watch(epoll, b, EPOLLIN);
    a.fire();
    CHECK(a.queue.is_active());
    CHECK(table.close(fd) == 0);
    CHECK_FALSE(a.queue.is_active());
    CHECK(b.watchers().empty());
    CHECK(machine.told({"epoll:item_removed"}).size() == 2);
    CHECK(machine.told({"epoll:destroyed"}).size() == 1);
  });
}
