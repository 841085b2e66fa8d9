#include "tests/userland/fake_syscalls.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "userland/catalogue.hpp"

namespace stackscope {
namespace {

Written written(const Parameter& parameter, std::string_view value) {
  if (parameter.kind == ParameterKind::kFlag) return {value == "true", ""};
  if (parameter.kind == ParameterKind::kInteger) return {std::int64_t{std::stoll(std::string(value))}, ""};
  return {std::string(value), ""};
}

std::string mask(std::uint32_t events) {
  std::string names;
  const auto name = [&](std::uint32_t bit, std::string_view text) {
    if (events & bit) names += (names.empty() ? "" : "|") + std::string(text);
  };
  name(EPOLLIN, "IN"), name(EPOLLOUT, "OUT"), name(EPOLLRDHUP, "RDHUP"), name(EPOLLERR, "ERR");
  name(EPOLLHUP, "HUP"), name(EPOLLET, "ET"), name(EPOLLEXCLUSIVE, "EXCLUSIVE");
  return names;
}

std::string option_name(int level, int option) {
  if (level == IPPROTO_TCP && option == TCP_NODELAY) return "TCP_NODELAY";
  if (option == SO_REUSEADDR) return "SO_REUSEADDR";
  if (option == SO_REUSEPORT) return "SO_REUSEPORT";
  return option == SO_ERROR ? "SO_ERROR" : fmt::format("{}", option);
}

std::string result_text(std::int64_t result) {
  switch (result) {
    case -EAGAIN:
      return "EAGAIN";
    case -ECANCELED:
      return "over";
    case -ECONNREFUSED:
      return "ECONNREFUSED";
    case -ECONNRESET:
      return "ECONNRESET";
    case -EINPROGRESS:
      return "EINPROGRESS";
    default:
      return fmt::format("{}", result);
  }
}

}  // namespace

Arguments arguments_of(std::string_view program,
                       const std::vector<std::pair<std::string_view, std::string_view>>& given) {
  const ProgramSpec* spec = find_program(program);
  REQUIRE(spec);
  Arguments result(spec->parameters);
  for (const Parameter& parameter : spec->parameters) {
    if (parameter.kind == ParameterKind::kAddress)
      result.set(parameter.name, parse_argument(parameter, {std::string("server:80"), ""}).argument);
  }
  for (const auto& [name, value] : given) {
    const Parameter* parameter = find_parameter(spec->parameters, name);
    INFO(name);
    REQUIRE(parameter);
    ParsedArgument parsed = parse_argument(*parameter, written(*parameter, value));
    REQUIRE(!parsed.complaint);
    result.set(name, std::move(parsed.argument));
  }
  return result;
}

void FakeSyscalls::answer(const std::string& call, std::initializer_list<std::int64_t> results) {
  std::deque<std::int64_t>& queue = answers_[call];
  queue.insert(queue.end(), results);
}

std::vector<std::string> FakeSyscalls::news() {
  const auto from = lines.begin() + static_cast<std::ptrdiff_t>(told_);
  told_ = lines.size();
  return {from, lines.end()};
}

int FakeSyscalls::calls_of(std::string_view name) const {
  const std::string start = std::string(name) + "(";
  return static_cast<int>(
      std::count_if(lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with(start); }));
}

bool FakeSyscalls::has_line(std::string_view line) const {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

std::int64_t FakeSyscalls::scripted(const std::string& call, std::int64_t otherwise) {
  std::deque<std::int64_t>& left = answers_[call];
  if (left.empty()) return otherwise;
  const std::int64_t result = left.front();
  left.pop_front();
  return result;
}

int FakeSyscalls::told(const std::string& call, std::initializer_list<std::int64_t> arguments,
                       std::int64_t otherwise) {
  const std::int64_t result = scripted(call, otherwise);
  lines.push_back(fmt::format("{}({}) = {}", call, fmt::join(arguments, ", "), result_text(result)));
  return static_cast<int>(result);
}

int FakeSyscalls::descriptor(const std::string& line) {
  const std::int64_t result = scripted(line.substr(0, line.find('(')), 0);
  const int fd = result < 0 ? static_cast<int>(result) : next_fd_++;
  lines.push_back(fmt::format("{} = {}", line, result_text(fd)));
  return fd;
}

std::int64_t FakeSyscalls::read(int fd, Buffer to) {
  return told("read", {fd, static_cast<std::int64_t>(to.size)}, -EAGAIN);
}

std::int64_t FakeSyscalls::write(int fd, ConstBuffer from) {
  const auto size = static_cast<std::int64_t>(from.size);
  return told("write", {fd, size}, size);
}

std::int64_t FakeSyscalls::writev(int fd, std::span<const ConstBuffer> parts) {
  std::int64_t bytes = 0;
  for (const ConstBuffer& part : parts) bytes += static_cast<std::int64_t>(part.size);
  return told("writev", {fd, static_cast<std::int64_t>(parts.size()), bytes}, bytes);
}

std::int64_t FakeSyscalls::sendto(int fd, ConstBuffer from, int flags, const SocketAddress*) {
  const auto bytes = static_cast<std::int64_t>(from.size);
  return told("sendto", {fd, bytes, flags}, bytes);
}

int FakeSyscalls::close(int fd) {
  std::erase_if(watched_, [&](const auto& watch) { return watch.first.second == fd; });
  return told("close", {fd}, 0);
}

int FakeSyscalls::epoll_ctl(int epoll, int operation, int fd, epoll_event event) {
  const std::int64_t result = scripted("epoll_ctl", 0);
  const auto low = static_cast<std::uint32_t>(event.data.u64),
             high = static_cast<std::uint32_t>(event.data.u64 >> 32);
  const char* name = operation == EPOLL_CTL_ADD ? "ADD" : operation == EPOLL_CTL_MOD ? "MOD" : "DEL";
  lines.push_back(fmt::format("epoll_ctl({}, {}, {}, {}, {}{}) = {}", epoll, name, fd, mask(event.events),
                              low, high ? fmt::format("+{}", high) : "", result_text(result)));
  if (result == 0) watched_[{epoll, fd}] = event;
  return static_cast<int>(result);
}

int FakeSyscalls::epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) {
  const std::string line = fmt::format("epoll_wait({}, {}, {})", epoll, events.size(), timeout_ms);
  std::vector<Ready> ready;
  if (!reports_.empty()) {
    ready = std::move(reports_.front());
    reports_.pop_front();
  } else if (timeout_ms < 0) {
    lines.push_back(line + " = over");
    return -ECANCELED;
  }
  if (ready.empty()) now += Duration::ms(timeout_ms);
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const epoll_event& interest = watched_.at({epoll, ready[i].fd});
    REQUIRE((ready[i].events & ~(interest.events | EPOLLERR | EPOLLHUP)) == 0);
    events[i] = {ready[i].events, interest.data};
  }
  lines.push_back(fmt::format("{} = {}", line, ready.size()));
  return static_cast<int>(ready.size());
}

int FakeSyscalls::poll(std::span<pollfd> fds, int timeout_ms) {
  return told("poll", {fds[0].fd, timeout_ms}, -ECANCELED);
}

int FakeSyscalls::socket(int, int type, int) {
  return descriptor(fmt::format("socket({})", type & SOCK_NONBLOCK ? "nonblocking" : "blocking"));
}

int FakeSyscalls::bind(int fd, const SocketAddress& address) {
  REQUIRE(address.family() == AF_INET);
  return told("bind", {fd, address.ipv4_address(), address.port()}, 0);
}

int FakeSyscalls::accept4(int fd, SocketAddress*, int flags) {
  REQUIRE((flags & ~SOCK_NONBLOCK) == SOCK_CLOEXEC);
  return told("accept4", {fd}, -EAGAIN);
}

int FakeSyscalls::connect(int fd, const SocketAddress& address) {
  now += connect_takes;
  return told("connect", {fd, address.ipv4_address(), address.port()}, 0);
}

int FakeSyscalls::setsockopt(int fd, int level, int option, const void* given, socklen_t length) {
  int value = 0;
  REQUIRE(length == sizeof value);
  std::memcpy(&value, given, sizeof value);
  const std::int64_t result = scripted("setsockopt", 0);
  lines.push_back(
      fmt::format("setsockopt({}, {}, {}) = {}", fd, option_name(level, option), value, result_text(result)));
  return static_cast<int>(result);
}

int FakeSyscalls::getsockopt(int fd, int level, int option, void* to, socklen_t& length) {
  const int value = static_cast<int>(so_error);
  REQUIRE(length == sizeof value);
  std::memcpy(to, &value, sizeof value);
  lines.push_back(fmt::format("getsockopt({}, {}) -> {}", fd, option_name(level, option), value));
  return 0;
}

int FakeSyscalls::nanosleep(Duration time) {
  now += time;
  return told("nanosleep", {time.count()}, 0);
}

int FakeSyscalls::futex_wait(unsigned word, std::uint32_t expected, Duration) {
  if (stored_while_waiting_.empty()) return told("futex_wait", {word, expected}, -ECANCELED);
  store(word, stored_while_waiting_.front());
  stored_while_waiting_.pop_front();
  return told("futex_wait", {word, expected}, 0);
}

int FakeSyscalls::futex_wake(unsigned word, int) { return told("futex_wake", {word}, 0); }

void FakeSyscalls::compute(Duration time) {
  now += time;
  lines.push_back(fmt::format("compute({})", time.count()));
}

std::uint32_t FakeSyscalls::address_of(std::string_view host) const {
  REQUIRE(host == "server");
  return htonl(0x0a000001);
}

void FakeSyscalls::note(std::string_view what, std::int64_t value) {
  lines.push_back(fmt::format("note \"{}\" {}", what, value));
}

void FakeSyscalls::request_begins(std::uint64_t number, int fd) {
  lines.push_back(fmt::format("request {} begins on {}", number, fd));
}

void FakeSyscalls::request_ends(std::uint64_t number, int fd) {
  lines.push_back(fmt::format("request {} ends on {}", number, fd));
}

}  // namespace stackscope
