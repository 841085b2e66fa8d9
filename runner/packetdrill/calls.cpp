#include "runner/packetdrill/calls.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <fmt/format.h>

#include "runner/packetdrill/symbols.hpp"

namespace stackscope::packetdrill {

namespace {

using Kind = Expression::Kind;

constexpr std::int64_t kMostBytes = 1 << 26;

bool makes_descriptor(const SystemCall& call) {
  for (const std::string_view name :
       {"socket", "accept", "accept4", "dup", "epoll_create", "epoll_create1", "eventfd"}) {
    if (call.name == name) return true;
  }
  return call.name == "fcntl" && call.arguments[1].text.starts_with("F_DUPFD");
}

std::string result_text(std::int64_t result) {
  if (result >= 0) return fmt::format("{}", result);
  const int number = static_cast<int>(-result);
  return fmt::format("-1 with errno {} ({}: {})", number, error_name(number), std::strerror(number));
}

/// The address in text, of either family; an IPv4 one in IPv6's clothes where IPv6 was asked for.
bool read_ip(const std::string& text, bool is_ipv6, std::uint16_t port, SocketAddress& into) {
  in_addr v4;
  in6_addr v6;
  if (!is_ipv6 && inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    into = SocketAddress::ipv4(ntohl(v4.s_addr), port);
    return true;
  }
  const std::string mapped = text.find(':') == std::string::npos ? "::ffff:" + text : text;
  if (!is_ipv6 || inet_pton(AF_INET6, mapped.c_str(), &v6) != 1) return false;
  into = SocketAddress::ipv6(v6, port);
  return true;
}

}  // namespace

CallOutcome make_call(Syscalls& os, CallArguments& arguments) {
  for (const auto find : {socket_call, data_call, option_call, readiness_call}) {
    if (const CallFunction function = find(arguments.call().name)) return function(os, arguments);
  }
  return CallOutcome{-ENOSYS, "this call is not made here", 0};
}

std::string check_result(const SystemCall& call, const CallOutcome& outcome, CallWorld& world) {
  const std::int64_t returned = outcome.result < 0 ? -1 : outcome.result;
  const int error = outcome.result < 0 ? static_cast<int>(-outcome.result) : 0;
  if (call.result.is(Kind::kEllipsis)) return outcome.complaint;
  CallArguments numbers(call, world);
  const std::int64_t expected = numbers.number(call.result);
  if (!numbers.outcome.complaint.empty()) return numbers.outcome.complaint;
  const bool is_new = makes_descriptor(call) && expected >= 0 && returned >= 0;
  if (is_new) world.fds[static_cast<int>(expected)] = static_cast<int>(returned);
  if (!is_new && expected != returned) {
    return fmt::format("Expected result {} but got {}", expected, result_text(outcome.result));
  }
  if (!call.error.empty() && error_number(call.error) != error) {
    return fmt::format("Expected errno {} ({}) but got {}", *error_number(call.error), call.error,
                       result_text(outcome.result));
  }
  return outcome.complaint;
}

std::int64_t CallArguments::number(const Expression& e, std::int64_t otherwise) {
  switch (e.kind) {
    case Kind::kEllipsis:
      return otherwise;
    case Kind::kInteger:
      return e.number;
    case Kind::kOr: {
      std::int64_t all = 0;
      for (const Expression& part : e.parts) all |= number(part);
      return all;
    }
    case Kind::kList:
      if (e.parts.size() == 1) return number(e.parts[0], otherwise);
      break;
    case Kind::kCall:
      if (e.text == "htons") return number(e.parts[0]);
      break;
    default:
      break;
  }
  complain(fmt::format("'{}' is no number", text(e)));
  return otherwise;
}

int CallArguments::fd(const Expression& e) {
  const int named = static_cast<int>(number(e, -1));
  const auto known = world_.fds.find(named);
  return known != world_.fds.end() ? known->second : named;
}

std::vector<std::byte>& CallArguments::room(std::int64_t bytes) {
  if (bytes < 0 || bytes > kMostBytes) complain(fmt::format("a call takes 0 to {} bytes here", kMostBytes));
  bytes_.assign(static_cast<std::size_t>(std::clamp<std::int64_t>(bytes, 0, kMostBytes)), std::byte{});
  return bytes_;
}

// --- addresses -------------------------------------------------------------------------------------------------------------

SocketAddress CallArguments::address(const Expression& e, bool is_remote) {
  const std::uint16_t otherwise = is_remote ? world_.options.connect_port : world_.options.bind_port;
  if (e.is(Kind::kEllipsis)) {
    outcome.port = otherwise;
    return is_remote ? world_.stage.remote(otherwise) : world_.stage.local(otherwise);
  }
  if (e.is(Kind::kInteger) && e.number == 0) return {};
  const Expression* const family = e.field("sa_family");
  const Expression* const port = e.field("sin_port");
  const Expression* const ip = e.field("sin_addr");
  if (family != nullptr && number(*family) == AF_UNSPEC) return SocketAddress::unspecified();
  if (family == nullptr || port == nullptr || ip == nullptr) {
    complain(fmt::format("'{}' is no address", text(e)));
    return {};
  }
  SocketAddress read;
  outcome.port = static_cast<std::uint16_t>(number(*port));
  const bool is_text = ip->is(Kind::kCall) && ip->parts[0].is(Kind::kString);
  if (!is_text || !read_ip(ip->parts[0].text, number(*family) == AF_INET6, outcome.port, read)) {
    complain(fmt::format("'{}' is no IP address of that family", text(*ip)));
  }
  return translated(read, true);
}

/// A stage has addresses of its own for those that the script names: its --local_ip and --remote_ip, or the language's.
SocketAddress CallArguments::translated(SocketAddress address, bool to_host) const {
  if (address.family() != AF_INET6) return address;
  const Options& options = world_.options;
  const std::uint16_t port = address.port();
  for (const bool is_remote : {false, true}) {
    const std::string& named = is_remote ? options.remote_ip : options.local_ip;
    const char* const usual = is_remote ? "2001:db8::1" : "fd3d:a0b:17d6::1";
    SocketAddress scripts;
    if (!read_ip(named.find(':') != std::string::npos ? named : usual, true, port, scripts)) continue;
    const SocketAddress hosts = is_remote ? world_.stage.remote(port) : world_.stage.local(port);
    if (address.text() == (to_host ? scripts : hosts).text()) return to_host ? hosts : scripts;
  }
  return address;
}

void CallArguments::expect_address(const Expression& wanted, const SocketAddress& got) {
  if (got) outcome.port = got.port();
  if (wanted.is(Kind::kEllipsis) || wanted.is(Kind::kInteger)) return;
  const std::uint16_t port = outcome.port;
  const std::string expected = address(wanted, true).text();
  outcome.port = port;
  if (expected != got.text()) {
    complain(fmt::format("Bad address: expected: {} actual: {}",
                         translated(address(wanted, true), false).text(), translated(got, false).text()));
  }
}

void CallArguments::expect(const char* what, const Expression& wanted, std::int64_t got) {
  const std::int64_t expected = number(wanted, got);
  if (expected != got) {
    complain(
        fmt::format("Bad {}: expected: {} ({:#x}) actual: {} ({:#x})", what, expected, expected, got, got));
  }
}

}  // namespace stackscope::packetdrill
