#include <catch2/catch.hpp>

#include "tests/userland/fake_syscalls.hpp"
#include "userland/programs.hpp"

using namespace stackscope;
using Lines = std::vector<std::string>;
using Given = std::vector<std::pair<std::string_view, std::string_view>>;

namespace {

/// What the client does between the beginning of its first request and the read of the answer.
Lines request(Given given) {
  given.push_back({"requests", "1"});
  given.push_back({"to", "server:80"});
  FakeSyscalls os;
  os.answer("read", {100});
  piecewise_client(os, arguments_of("piecewise_client", given));
  Lines between;
  bool is_between = false;
  for (const std::string& line : os.lines) {
    if (line.starts_with("read(")) break;
    if (is_between) between.push_back(line);
    is_between = is_between || line.starts_with("request");
  }
  return between;
}

}  // namespace

TEST_CASE("piecewise_client: five ways to write two pieces", "[piecewise]") {
  CHECK(request({}) == Lines{"sendto(3, 100, 0) = 100", "sendto(3, 100, 0) = 100"});
  CHECK(request({{"how", "nodelay"}}) == request({}));  // the option was set before
  CHECK(request({{"how", "more"}}) == Lines{"sendto(3, 100, 32768) = 100", "sendto(3, 100, 0) = 100"});
  CHECK(request({{"how", "writev"}}) == Lines{"writev(3, 2, 200) = 200"});
  const Lines corked = request({{"how", "cork"}});
  REQUIRE(corked.size() == 4);
  CHECK(corked.front().starts_with("setsockopt("));
  CHECK(corked.back().starts_with("setsockopt("));
  CHECK(corked.front() != corked.back());
}

TEST_CASE("piecewise_server answers when it has the whole request", "[piecewise]") {
  FakeSyscalls os;
  os.answer("accept4", {9});
  os.answer("read", {150, 50, 0});
  piecewise_server(os, arguments_of("piecewise_server"));
  Lines deeds;
  for (const std::string& line : os.lines) {
    if (line.starts_with("read(") || line.starts_with("write(")) deeds.push_back(line);
  }
  CHECK(deeds == Lines{"read(9, 200) = 150", "read(9, 50) = 50", "write(9, 100) = 100", "read(9, 200) = 0"});
}

TEST_CASE("bulk_client reads to the end, and bulk_server writes to the end", "[piecewise]") {
  FakeSyscalls client;
  client.answer("read", {1000, 1000, 0});
  bulk_client(client, arguments_of("bulk_client", {{"to", "server:80"}, {"think", "1ms"}}));
  CHECK(client.calls_of("read") == 3);
  CHECK(client.calls_of("nanosleep") == 2);
  FakeSyscalls server;
  server.answer("accept4", {9});
  bulk_server(server, arguments_of("bulk_server", {{"size", "150000B"}}));
  CHECK(server.has_line("sendto(9, 18928, 16384) = 18928"));  // 150,000 less two of 64 KiB; MSG_NOSIGNAL
  CHECK(server.has_line("close(9) = 0"));
}
