#include <catch2/catch.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <functional>

#include "tests/userland/fake_syscalls.hpp"
#include "userland/catalogue.hpp"
#include "userland/crowd_adapter.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;

namespace {

constexpr std::uint32_t kHost = 0x0100000a;  // 10.0.0.1, in network byte order

/// Writes down its calls between those of the system, and does what the test says.
class Told final : public CrowdProgram {
 public:
  explicit Told(FakeSyscalls& os) : os_(os) {}
  std::function<void(CrowdPort&)> at_start = [](CrowdPort& port) { port.connect(kHost, 80, false); };
  std::function<void(CrowdPort&, CrowdConnection)> at_connected, at_data, at_writable;
  std::function<void(CrowdPort&, std::uint64_t)> at_timer;

  void start(CrowdPort& port) override {
    inside("start", [&] { at_start(port); });
  }
  void on_connected(CrowdPort& port, CrowdConnection c) override { told("connected", port, c, at_connected); }
  void on_data(CrowdPort& port, CrowdConnection c) override { told("data", port, c, at_data); }
  void on_writable(CrowdPort& port, CrowdConnection c) override { told("writable", port, c, at_writable); }
  void on_closed(CrowdPort&, CrowdConnection c, int error) override {
    inside(fmt::format("closed {} {}", c.value, error), [] {});
  }
  void on_timer(CrowdPort& port, std::uint64_t token) override {
    inside(fmt::format("timer {}", token), [&] {
      if (at_timer) at_timer(port, token);
    });
  }

 private:
  void told(const char* what, CrowdPort& port, CrowdConnection c,
            const std::function<void(CrowdPort&, CrowdConnection)>& then) {
    inside(fmt::format("{} {}", what, c.value), [&] {
      if (then) then(port, c);
    });
  }
  void inside(const std::string& what, const std::function<void()>& then) {
    REQUIRE(!is_inside_);  // one call at a time
    is_inside_ = true;
    os_.lines.push_back("-> " + what);
    then();
    is_inside_ = false;
  }
  FakeSyscalls& os_;
  bool is_inside_ = false;
};

struct Story {
  FakeSyscalls os;
  Told program{os};

  /// Runs to the end, and gives what came after the connection was made, but for the waits.
  Lines run() {
    CrowdAdapter(os, program).run();
    Lines rest;
    for (const std::string& line : os.lines)
      if (!line.starts_with("epoll_wait") && !line.starts_with("note")) rest.push_back(line);
    return rest;
  }
  /// As run(), but for how connections are made.
  Lines after_start() {
    Lines rest = run();
    std::erase_if(rest, [](const std::string& line) {
      return line == "-> start" || line.starts_with("epoll_c") || line.starts_with("socket") ||
             line.starts_with("connect(");
    });
    return rest;
  }
};

}  // namespace

TEST_CASE("a connection is non-blocking and edge-triggered, and told when it can be written to",
          "[adapter]") {
  Story story;
  story.program.at_start = [](CrowdPort& port) { port.connect(kHost, 80, true); };
  story.program.at_connected = [](CrowdPort& port, CrowdConnection) { port.finish(); };
  story.os.answer("connect", {-EINPROGRESS});
  story.os.report({{4, EPOLLOUT}});
  CHECK(story.run() == Lines{"epoll_create1() = 3", "-> start", "socket(nonblocking) = 4",
                             "setsockopt(4, TCP_NODELAY, 1) = 0", "connect(4, 167772161, 80) = EINPROGRESS",
                             "epoll_ctl(3, ADD, 4, IN|OUT|RDHUP|ET, 0) = 0", "-> connected 0", "close(4) = 0",
                             "close(3) = 0"});
}

TEST_CASE("data that come with the handshake's end are told after it", "[adapter]") {
  Story story;
  story.os.report({{4, EPOLLIN | EPOLLOUT}});
  story.program.at_data = [](CrowdPort& port, CrowdConnection c) {
    CHECK(port.receive(c, {nullptr, 100}) == 5);
    CHECK(port.receive(c, {nullptr, 100}) == -EAGAIN);
    port.close(c);
    CHECK(port.receive(c, {nullptr, 100}) == -EBADF);
    port.finish();
  };
  story.os.answer("read", {5});
  CHECK(story.after_start() == Lines{"-> connected 0", "-> data 0", "read(4, 100) = 5",
                                     "read(4, 100) = EAGAIN", "close(4) = 0", "close(3) = 0"});
}

TEST_CASE("on_writable follows an EAGAIN of send, and nothing else", "[adapter]") {
  Story story;
  story.os.report({{4, EPOLLOUT}});
  story.os.report({{4, EPOLLIN | EPOLLOUT}});
  story.os.report({{4, EPOLLIN | EPOLLOUT}});
  story.os.answer("write", {60, -EAGAIN});
  story.program.at_connected = [](CrowdPort& port, CrowdConnection c) {
    CHECK(port.send(c, {nullptr, 100}) == 60);
    CHECK(port.send(c, {nullptr, 40}) == -EAGAIN);
  };
  story.program.at_writable = [](CrowdPort& port, CrowdConnection c) {
    CHECK(port.send(c, {nullptr, 40}) == 40);
  };
  CHECK(story.after_start() == Lines{"-> connected 0", "write(4, 100) = 60", "write(4, 40) = EAGAIN",
                                     "-> writable 0", "write(4, 40) = 40", "-> data 0", "-> data 0",
                                     "close(4) = 0", "close(3) = 0"});
}

TEST_CASE("on_closed says why a connection is gone", "[adapter]") {
  Story story;
  SECTION("refused at once: told later, not inside connect()") {
    story.os.answer("connect", {-ECONNREFUSED});
    CHECK(story.after_start() == Lines{"close(4) = 0", "-> closed 0 111", "close(3) = 0"});
  }
  SECTION("refused by the peer") {
    story.os.answer("connect", {-EINPROGRESS});
    story.os.so_error = ECONNREFUSED;
    story.os.report({{4, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLERR | EPOLLHUP}});
    CHECK(story.after_start() ==
          Lines{"getsockopt(4, SO_ERROR) -> 111", "close(4) = 0", "-> closed 0 111", "close(3) = 0"});
  }
  SECTION("no descriptor left: there is nothing to close") {
    story.os.answer("socket", {-EMFILE});
    CHECK(story.after_start() == Lines{"-> closed 0 24", "close(3) = 0"});
  }
  SECTION("a reset that send() met: the socket has forgotten the error, the adapter has not") {
    story.os.report({{4, EPOLLOUT}});
    story.os.answer("write", {-ECONNRESET});
    story.program.at_connected = [](CrowdPort& port, CrowdConnection c) { port.send(c, {nullptr, 1}); };
    CHECK(story.after_start() == Lines{"-> connected 0", "write(4, 1) = ECONNRESET", "close(4) = 0",
                                       "-> closed 0 104", "close(3) = 0"});
  }
  SECTION("unless the program closed it itself: then it knows") {
    story.os.report({{4, EPOLLOUT}});
    story.os.answer("write", {-ECONNRESET});
    story.program.at_connected = [](CrowdPort& port, CrowdConnection c) {
      port.send(c, {nullptr, 1});
      port.close(c);
    };
    CHECK(story.after_start() ==
          Lines{"-> connected 0", "write(4, 1) = ECONNRESET", "close(4) = 0", "close(3) = 0"});
  }
}

TEST_CASE("events of a connection that another's callback closed are dropped", "[adapter]") {
  Story story;
  story.program.at_start = [](CrowdPort& port) {
    CHECK(port.connect(kHost, 80, false) == CrowdConnection{0});
    CHECK(port.connect(kHost, 80, false) == CrowdConnection{1});
  };
  story.program.at_connected = [](CrowdPort& port, CrowdConnection) { port.close(CrowdConnection{1}); };
  story.os.report({{4, EPOLLOUT}, {5, EPOLLOUT}});
  CHECK(story.after_start() == Lines{"-> connected 0", "close(5) = 0", "close(4) = 0", "close(3) = 0"});
}

TEST_CASE("timers: by time, equals in the order in which they were set, never early", "[adapter]") {
  Story story;
  story.program.at_start = [](CrowdPort& port) {
    port.set_timer(Instant::ns(1'500'000), 3);
    port.set_timer(Instant::ns(1'500'000), 1);
    port.set_timer(Instant::ns(400'000), 2);
    port.set_timer(Instant::ns(-5), 4);
  };
  story.program.at_timer = [](CrowdPort& port, std::uint64_t token) {
    if (token == 4) port.set_timer(port.now(), 5);  // at once, but not before the sockets were looked at
    if (token == 1) port.finish();
  };
  CrowdAdapter(story.os, story.program).run();
  CHECK(story.os.lines == Lines{"epoll_create1() = 3", "-> start", "-> timer 4", "epoll_wait(3, 64, 0) = 0",
                                "-> timer 5", "epoll_wait(3, 64, 1) = 0", "-> timer 2",
                                "epoll_wait(3, 64, 1) = 0", "-> timer 3", "-> timer 1", "close(3) = 0"});
}

TEST_CASE("when epoll fails, the program is over and says so", "[adapter]") {
  Story story;
  SECTION("at the beginning") {
    story.os.answer("epoll_create1", {-EMFILE});
    CHECK(story.run() == Lines{"epoll_create1() = -24"});
    CHECK(story.os.has_line("note \"failed: epoll_create1\" 24"));
  }
  SECTION("later") {
    CHECK(story.run().back() == "close(3) = 0");
    CHECK(story.os.has_line("note \"failed: epoll_wait\" 125"));
  }
}

TEST_CASE("echo_crowd on system calls is what it is on a peer", "[adapter][echo_crowd]") {
  FakeSyscalls os;
  os.report({{4, EPOLLOUT}});
  os.report({{4, EPOLLIN | EPOLLOUT}});
  os.report({{4, EPOLLIN | EPOLLOUT}});
  os.answer("read", {10, 6, -EAGAIN, 16});
  const Arguments arguments = arguments_of("echo_crowd", {{"clients", "1"}, {"messages", "2"}});
  CrowdThread(os, find_program("echo_crowd")->crowd(arguments)).run();
  CHECK(os.lines == Lines{"epoll_create1() = 3", "socket(nonblocking) = 4", "connect(4, 167772161, 80) = 0",
                          "epoll_ctl(3, ADD, 4, IN|OUT|RDHUP|ET, 0) = 0", "epoll_wait(3, 64, -1) = 1",
                          "request 0 begins on 4", "write(4, 16) = 16", "epoll_wait(3, 64, -1) = 1",
                          "read(4, 65536) = 10", "read(4, 65536) = 6", "request 0 ends on 4",
                          "request 1 begins on 4", "write(4, 16) = 16", "read(4, 65536) = EAGAIN",
                          "epoll_wait(3, 64, -1) = 1", "read(4, 65536) = 16", "request 1 ends on 4",
                          "close(4) = 0", "close(3) = 0"});
}
