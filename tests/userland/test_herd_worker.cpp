#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;

namespace {

/// The set-up of one listener, as everybody begins.
Lines with_listener(Lines rest) {
  Lines all{"socket(nonblocking) = 3", "setsockopt(3, SO_REUSEADDR, 1) = 0", "bind(3, 0, 80) = 0",
            "listen(3, 4096) = 0"};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

}  // namespace

TEST_CASE("herd_worker: the first worker makes the listener, takes its place, and passes the turn on",
          "[herd]") {
  FakeSyscalls os;
  os.thread_count = 8;
  os.report({{3, EPOLLIN}});
  os.answer("accept4", {9});
  herd_worker(os, arguments_of("herd_worker"));
  CHECK(os.lines ==
        with_listener({"epoll_create1() = 4", "epoll_ctl(4, ADD, 3, IN, 3) = 0", "futex_wake(0) = 0",
                       "epoll_wait(4, 64, -1) = 1", "accept4(3) = 9", "close(9) = 0",
                       "epoll_wait(4, 64, -1) = over", "note \"failed: epoll_wait\" 125"}));
  CHECK(os.load(0) == 1);  // the next one's turn
}

TEST_CASE("herd_worker: the others wait for their turn, and for nothing else", "[herd]") {
  FakeSyscalls os;
  os.thread = 2;
  os.thread_count = 8;
  os.store(1, 3);  // the listener
  SECTION("epoll = each: an instance of its own, on the listener of all") {
    os.store_while_waiting(1);
    os.store_while_waiting(2);
    herd_worker(os, arguments_of("herd_worker"));
    CHECK(os.lines == Lines{"futex_wait(0, 0) = 0", "futex_wait(0, 1) = 0", "epoll_create1() = 3",
                            "epoll_ctl(3, ADD, 3, IN, 3) = 0", "futex_wake(0) = 0",
                            "epoll_wait(3, 64, -1) = over", "note \"failed: epoll_wait\" 125"});
    CHECK(os.load(0) == 3);
  }
  SECTION("epoll = shared: the instance that the first one made") {
    os.store(2, 7);
    os.store_while_waiting(2);
    herd_worker(os, arguments_of("herd_worker", {{"epoll", "shared"}}));
    CHECK(os.lines == Lines{"futex_wait(0, 0) = 0", "futex_wake(0) = 0", "epoll_wait(7, 64, -1) = over",
                            "note \"failed: epoll_wait\" 125"});
  }
  SECTION("a turn that passed before it was waited for is EAGAIN, and looked at again") {
    os.answer("futex_wait", {-EAGAIN});
    herd_worker(os, arguments_of("herd_worker"));
    CHECK(os.lines ==
          Lines{"futex_wait(0, 0) = EAGAIN", "futex_wait(0, 0) = over", "note \"failed: futex_wait\" 125"});
  }
}

TEST_CASE("herd_worker: how the listener is watched", "[herd]") {
  FakeSyscalls os;
  os.thread_count = 2;
  SECTION("trigger = edge, exclusive") {
    herd_worker(os, arguments_of("herd_worker", {{"trigger", "edge"}, {"exclusive", "true"}}));
    CHECK(os.has_line("epoll_ctl(4, ADD, 3, IN|ET|EXCLUSIVE, 3) = 0"));
  }
  SECTION("reuseport, shared: all listeners hang in one instance") {
    herd_worker(os, arguments_of("herd_worker", {{"epoll", "shared"}, {"reuseport", "true"}}));
    CHECK(os.has_line("setsockopt(4, SO_REUSEPORT, 1) = 0"));
    CHECK(os.has_line("epoll_ctl(3, ADD, 4, IN, 4) = 0"));
    CHECK(os.has_line("epoll_ctl(3, ADD, 5, IN, 5) = 0"));
    CHECK(os.calls_of("listen") == 2);
  }
  SECTION("reuseport, each: every worker makes its own") {
    os.thread = 1;
    os.store(0, 1);
    herd_worker(os, arguments_of("herd_worker", {{"reuseport", "true"}}));
    CHECK(os.has_line("setsockopt(3, SO_REUSEPORT, 1) = 0"));
    CHECK(os.has_line("epoll_ctl(4, ADD, 3, IN, 3) = 0"));
  }
}

TEST_CASE("herd_worker: thinks when it returns from its wait, then accepts", "[herd]") {
  FakeSyscalls os;
  const auto after_set_up = [&](const Arguments& args) {
    herd_worker(os, args);
    const auto woke = std::find(os.lines.begin(), os.lines.end(), "futex_wake(0) = 0");
    return Lines(woke + 1, os.lines.end());
  };
  SECTION("one connection for one event") {
    os.report({{3, EPOLLIN}});
    os.answer("accept4", {9, 10});
    CHECK(after_set_up(arguments_of("herd_worker", {{"think", "5us"}})) ==
          Lines{"epoll_wait(4, 64, -1) = 1", "compute(5000)", "accept4(3) = 9", "close(9) = 0",
                "epoll_wait(4, 64, -1) = over", "note \"failed: epoll_wait\" 125"});
  }
  SECTION("until EAGAIN: thinks once an event") {
    os.report({{3, EPOLLIN}});
    os.answer("accept4", {9, 10});
    CHECK(after_set_up(arguments_of("herd_worker", {{"think", "5us"}, {"accept", "until_eagain"}})) ==
          Lines{"epoll_wait(4, 64, -1) = 1", "compute(5000)", "accept4(3) = 9", "close(9) = 0",
                "accept4(3) = 10", "close(10) = 0", "accept4(3) = EAGAIN", "epoll_wait(4, 64, -1) = over",
                "note \"failed: epoll_wait\" 125"});
  }
  SECTION("another worker was quicker: EAGAIN is no failure") {
    os.report({{3, EPOLLIN}});
    CHECK(after_set_up(arguments_of("herd_worker")) ==
          Lines{"epoll_wait(4, 64, -1) = 1", "accept4(3) = EAGAIN", "epoll_wait(4, 64, -1) = over",
                "note \"failed: epoll_wait\" 125"});
  }
  SECTION("wait = poll") {
    os.answer("poll", {1});
    os.answer("accept4", {9});
    CHECK(after_set_up(arguments_of("herd_worker", {{"wait", "poll"}, {"think", "5us"}})) ==
          Lines{"poll(3, -1) = 1", "compute(5000)", "accept4(3) = 9", "close(9) = 0", "poll(3, -1) = over",
                "note \"failed: poll\" 125"});
  }
  SECTION("wait = accept: the listener blocks, and the connection is at hand when it thinks") {
    os.answer("accept4", {9, -ECANCELED});
    CHECK(after_set_up(arguments_of("herd_worker", {{"wait", "accept"}, {"think", "5us"}})) ==
          Lines{"accept4(3) = 9", "compute(5000)", "close(9) = 0", "accept4(3) = over",
                "note \"failed: accept4\" 125"});
    CHECK(os.lines.front() == "socket(blocking) = 3");
  }
}

TEST_CASE("herd_worker: what cannot be set up is noted, and nobody waits for it", "[herd]") {
  FakeSyscalls os;
  SECTION("the first worker cannot bind") {
    os.answer("bind", {-EADDRINUSE});
    herd_worker(os, arguments_of("herd_worker"));
    CHECK(os.has_line("note \"failed: bind\" 98"));
    CHECK(os.has_line("close(3) = 0"));
    CHECK(os.lines.back() == "futex_wake(0) = 0");
    os.news();
    os.thread = 1;
    herd_worker(os, arguments_of("herd_worker"));
    CHECK(os.news().empty());
  }
  SECTION("a later one has no descriptors left") {
    os.thread = 1;
    os.store(0, 1);
    os.answer("epoll_create1", {-EMFILE});
    herd_worker(os, arguments_of("herd_worker"));
    CHECK(os.lines ==
          Lines{"epoll_create1() = -24", "note \"failed: epoll_create1\" 24", "futex_wake(0) = 0"});
    CHECK(os.load(0) == UINT32_MAX);
  }
  SECTION("accept4 fails in the middle of its work") {
    os.report({{3, EPOLLIN}});
    os.answer("accept4", {-EMFILE});
    herd_worker(os, arguments_of("herd_worker"));
    CHECK(os.lines.back() == "note \"failed: accept4\" 24");
  }
}
