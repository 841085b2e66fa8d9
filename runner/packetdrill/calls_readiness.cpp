// poll() and epoll: [{fd=4, events=POLLIN, revents=POLLIN}], {events=EPOLLIN, fd=4}.

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "runner/packetdrill/calls.hpp"

namespace stackscope::packetdrill {

namespace {

constexpr std::int64_t kMostEvents = 4096;

CallOutcome poll(Syscalls& os, CallArguments& args) {
  std::vector<pollfd>& fds = args.polled;
  for (const Expression& one : args.at(0).parts) {
    const Expression* const fd = one.field("fd");
    const Expression* const events = one.field("events");
    if (fd == nullptr || events == nullptr) {
      args.complain(fmt::format("'{}' is no pollfd", text(one)));
      return args.end(-EINVAL);
    }
    fds.push_back({args.fd(*fd), static_cast<short>(args.number(*events)), 0});
  }
  const std::size_t count = std::min(fds.size(), static_cast<std::size_t>(std::max(args.integer(1), 0)));
  const int result = os.poll(std::span(fds).first(count), args.integer(2));
  for (std::size_t i = 0; result >= 0 && i < count; ++i) {
    const Expression* const revents = args.at(0).parts[i].field("revents");
    static const Expression kNone{.kind = Expression::Kind::kInteger, .at = {}, .text = "0"};
    args.expect("revents", revents != nullptr ? *revents : kNone,
                static_cast<unsigned short>(fds[i].revents));
  }
  return args.end(result);
}

/// The one field that holds what comes back with an event; null where there is none.
const Expression* data_of(const Expression& event) {
  for (const char* const name : {"fd", "ptr", "u32", "u64"}) {
    if (const Expression* const data = event.field(name)) return data;
  }
  return nullptr;
}

CallOutcome epoll_ctl(Syscalls& os, CallArguments& args) {
  epoll_event event{};
  if (const Expression* const events = args.at(3).field("events")) {
    event.events = static_cast<std::uint32_t>(args.number(*events));
  }
  if (const Expression* const data = data_of(args.at(3))) {
    event.data.u64 = static_cast<std::uint64_t>(args.number(*data));
  }
  return args.end(os.epoll_ctl(args.fd(0), args.integer(1), args.fd(2), event));
}

CallOutcome epoll_wait(Syscalls& os, CallArguments& args) {
  const std::int64_t most = args.number(args.at(2));
  if (most > kMostEvents) args.complain(fmt::format("at most {} events are asked for here", kMostEvents));
  std::vector<epoll_event>& events = args.events;
  events.resize(static_cast<std::size_t>(std::clamp<std::int64_t>(most, 0, kMostEvents)));
  const int result = os.epoll_wait(args.fd(0), events, args.integer(3));
  const Expression& wanted = args.at(1);
  const bool is_list = wanted.is(Expression::Kind::kList);
  const std::size_t expected = is_list ? wanted.parts.size() : wanted.is(Expression::Kind::kRecord) ? 1 : 0;
  for (std::size_t i = 0; i < std::min(expected, static_cast<std::size_t>(std::max(result, 0))); ++i) {
    const Expression& one = is_list ? wanted.parts[i] : wanted;
    if (const Expression* const mask = one.field("events"))
      args.expect("epoll events", *mask, events[i].events);
    if (const Expression* const data = data_of(one)) {
      args.expect("epoll data", *data, static_cast<std::int64_t>(events[i].data.u64));
    }
  }
  return args.end(result);
}

// The size is only looked at. Linux: fs/eventpoll.c epoll_create()
CallOutcome epoll_create(Syscalls& os, CallArguments& args) {
  return args.end(args.integer(0) <= 0 ? -EINVAL : os.epoll_create1(0));
}
CallOutcome epoll_create1(Syscalls& os, CallArguments& args) {
  return args.end(os.epoll_create1(args.integer(0)));
}

constexpr std::pair<std::string_view, CallFunction> kCalls[] = {{"poll", poll},
                                                                {"epoll_create", epoll_create},
                                                                {"epoll_create1", epoll_create1},
                                                                {"epoll_ctl", epoll_ctl},
                                                                {"epoll_wait", epoll_wait}};

}  // namespace

CallFunction readiness_call(std::string_view name) {
  for (const auto& [known, function] : kCalls) {
    if (known == name) return function;
  }
  return nullptr;
}

}  // namespace stackscope::packetdrill
