#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>

#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;
using Given = std::vector<std::pair<std::string_view, std::string_view>>;

namespace {

/// A server on listener 3 and epoll instance 4, with connection 9.
class Server {
 public:
  explicit Server(Given args = {}) : args_(std::move(args)) {
    os.report({{3, EPOLLIN}});
    os.answer("accept4", {9});
  }
  /// What it does after it took the connection, without the end of the story.
  Lines run() {
    echo_server(os, arguments_of("echo_server", args_));
    REQUIRE(os.lines.back() == "note \"failed: epoll_wait\" 125");
    const auto added = std::find_if(os.lines.begin(), os.lines.end(),
                                    [](const auto& line) { return line.starts_with("epoll_ctl(4, ADD, 9"); });
    REQUIRE(added != os.lines.end());
    Lines after;
    for (auto line = added + 1; line < os.lines.end() - 2; ++line)
      if (!line->starts_with("epoll_wait")) after.push_back(*line);
    return after;
  }
  FakeSyscalls os;

 private:
  Given args_;
};

}  // namespace

TEST_CASE("echo_server: one steady request is epoll_wait, read, write", "[echo]") {
  Server server;
  server.os.report({{9, EPOLLIN}});
  server.os.answer("read", {16});
  CHECK(server.run() == Lines{"read(9, 65536) = 16", "write(9, 16) = 16"});
  CHECK(server.os.has_line("epoll_ctl(4, ADD, 3, IN, 3) = 0"));
  CHECK(server.os.has_line("epoll_ctl(4, ADD, 9, IN, 9) = 0"));
}

TEST_CASE("echo_server: edge-triggered it reads until EAGAIN, since nobody will tell again", "[echo]") {
  Server server(Given{{"trigger", "edge"}, {"think", "2us"}, {"buffer", "1KiB"}});
  server.os.report({{9, EPOLLIN}});
  server.os.answer("read", {1024, 16});
  CHECK(server.run() == Lines{"read(9, 1024) = 1024", "compute(2000)", "write(9, 1024) = 1024",
                              "read(9, 1024) = 16", "compute(2000)", "write(9, 16) = 16",
                              "read(9, 1024) = EAGAIN"});
  CHECK(server.os.has_line("epoll_ctl(4, ADD, 9, IN|ET, 9) = 0"));
}

TEST_CASE("echo_server: an answer that does not fit waits for EPOLLOUT, and reads nothing meanwhile",
          "[echo]") {
  const std::string edge = GENERATE(as<std::string>{}, "", "|ET");
  const std::string trigger = edge.empty() ? "level" : "edge";
  Server server(Given{{"trigger", trigger}});
  server.os.report({{9, EPOLLIN}});
  server.os.report({{9, EPOLLOUT}});
  server.os.report({{9, EPOLLOUT}});
  server.os.report({{9, EPOLLOUT}});
  server.os.answer("read", {1000});
  server.os.answer("write", {300, 200, -EAGAIN, 500});
  CHECK(server.run() == Lines{"read(9, 65536) = 1000", "write(9, 1000) = 300",
                              "epoll_ctl(4, MOD, 9, OUT" + edge + ", 9+700) = 0", "write(9, 700) = 200",
                              "epoll_ctl(4, MOD, 9, OUT" + edge + ", 9+500) = 0", "write(9, 500) = EAGAIN",
                              "write(9, 500) = 500", "epoll_ctl(4, MOD, 9, IN" + edge + ", 9) = 0"});
}

TEST_CASE("echo_server: a full socket takes nothing of the answer", "[echo]") {
  Server server;
  server.os.report({{9, EPOLLIN}});
  server.os.answer("read", {1000});
  server.os.answer("write", {-EAGAIN});
  CHECK(server.run().back() == "epoll_ctl(4, MOD, 9, OUT, 9+1000) = 0");
}

TEST_CASE("echo_server: a client's end or reset closes its connection alone", "[echo]") {
  Server server;
  SECTION("the end") {
    server.os.report({{9, EPOLLIN}});
    server.os.answer("read", {0});
    CHECK(server.run() == Lines{"read(9, 65536) = 0", "close(9) = 0"});
  }
  SECTION("a reset, found by read") {
    server.os.report({{9, EPOLLIN | EPOLLERR | EPOLLHUP}});
    server.os.answer("read", {-ECONNRESET});
    CHECK(server.run() == Lines{"read(9, 65536) = ECONNRESET", "close(9) = 0"});
  }
  SECTION("a reset, found by write") {
    server.os.report({{9, EPOLLIN}});
    server.os.answer("read", {16});
    server.os.answer("write", {-ECONNRESET});
    CHECK(server.run().back() == "close(9) = 0");
  }
  SECTION("a reset while its answer waited") {
    server.os.report({{9, EPOLLIN}});
    server.os.report({{9, EPOLLERR | EPOLLHUP}});
    server.os.answer("read", {16});
    server.os.answer("write", {4, -ECONNRESET});
    CHECK(server.run().back() == "close(9) = 0");
  }
}

TEST_CASE("echo_server: accepting", "[echo]") {
  FakeSyscalls os;
  os.report({{3, EPOLLIN}});
  SECTION("one: the listener is reported again while there are more") {
    os.answer("accept4", {9, 10});
    echo_server(os, arguments_of("echo_server"));
    CHECK(os.calls_of("accept4") == 1);
  }
  SECTION("until EAGAIN; one that was reset meanwhile does not stop it") {
    os.answer("accept4", {9, -ECONNABORTED, 10});
    echo_server(os, arguments_of("echo_server", {{"accept", "until_eagain"}}));
    CHECK(os.calls_of("accept4") == 4);
    CHECK(os.has_line("epoll_ctl(4, ADD, 10, IN, 10) = 0"));
  }
  SECTION("no descriptors left: noted, and the server ends rather than spin") {
    os.answer("accept4", {-EMFILE});
    echo_server(os, arguments_of("echo_server"));
    CHECK(os.lines.back() == "note \"failed: accept4\" 24");
  }
}

TEST_CASE("echo_client: each message is a request, from write() to the last byte of its answer", "[echo]") {
  FakeSyscalls os;
  os.answer("write", {10, 6});
  os.answer("read", {12, 4, 16});
  echo_client(os, arguments_of("echo_client", {{"messages", "2"}, {"gap", "1ms"}, {"nodelay", "true"}}));
  CHECK(os.lines == Lines{"socket(blocking) = 3", "setsockopt(3, TCP_NODELAY, 1) = 0",
                          "connect(3, 167772161, 80) = 0", "request 0 begins on 3", "write(3, 16) = 10",
                          "write(3, 6) = 6", "read(3, 16) = 12", "read(3, 4) = 4", "request 0 ends on 3",
                          "nanosleep(1000000) = 0", "request 1 begins on 3", "write(3, 16) = 16",
                          "read(3, 16) = 16", "request 1 ends on 3", "close(3) = 0"});
}

TEST_CASE("echo_client: says what went wrong, and the request stays open", "[echo]") {
  FakeSyscalls os;
  SECTION("nobody listens") {
    os.answer("connect", {-ECONNREFUSED});
    echo_client(os, arguments_of("echo_client"));
    CHECK(os.lines == Lines{"socket(blocking) = 3", "connect(3, 167772161, 80) = ECONNREFUSED",
                            "note \"failed: connect\" 111", "close(3) = 0"});
    return;
  }
  SECTION("the server ends in the middle of an answer") {
    os.answer("read", {12, 0});
    echo_client(os, arguments_of("echo_client"));
    CHECK(os.has_line("note \"answer cut short\" 12"));
  }
  SECTION("a reset") {
    os.answer("read", {-ECONNRESET});
    echo_client(os, arguments_of("echo_client"));
    CHECK(os.has_line("note \"failed: read\" 104"));
  }
  CHECK(os.lines.back() == "close(3) = 0");
  CHECK(!os.has_line("request 0 ends on 3"));
}
