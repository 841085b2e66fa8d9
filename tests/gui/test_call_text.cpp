// System calls in strace's words.

#include <catch2/catch.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "gui/app/call_text.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope::gui {
namespace {

TEST_CASE("calls: what is returned, errors by name", "[calls]") {
  CHECK(return_text(0) == "0");
  CHECK(return_text(17) == "17");
  CHECK(return_text(-EAGAIN) == "-1 EAGAIN");
  CHECK(return_text(-999'999) == "-999999");
}

TEST_CASE("calls: arguments by the names of their constants", "[calls]") {
  CHECK(argument_text("epoll_ctl", "op", EPOLL_CTL_MOD) == "EPOLL_CTL_MOD");
  CHECK(argument_text("epoll_ctl", "op", 77) == "77");
  const std::int64_t edge = std::int64_t{EPOLLIN} | static_cast<std::int64_t>(EPOLLET);
  CHECK(argument_text("epoll_ctl", "events", edge) == "EPOLLIN|EPOLLET");
  CHECK(argument_text("epoll_ctl", "events", static_cast<std::int32_t>(EPOLLET)) == "EPOLLET");
  CHECK(argument_text("epoll_ctl", "events", 0) == "0");
  CHECK(argument_text("epoll_ctl", "events", 0x800) == "0x800");
  CHECK(argument_text("socket", "type", SOCK_STREAM | SOCK_NONBLOCK) == "SOCK_STREAM|SOCK_NONBLOCK");
  CHECK(argument_text("recvfrom", "flags", MSG_PEEK | MSG_DONTWAIT) == "MSG_PEEK|MSG_DONTWAIT");
  CHECK(argument_text("accept4", "flags", SOCK_NONBLOCK) == "SOCK_NONBLOCK");
  CHECK(argument_text("kill", "sig", 9) == "SIGKILL");
  CHECK(argument_text("epoll_wait", "timeout", -1) == "-1");
}

}  // namespace
}  // namespace stackscope::gui
