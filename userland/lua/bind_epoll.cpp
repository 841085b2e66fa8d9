#include <algorithm>
#include <climits>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

constexpr lua_Integer kMostEvents = 1 << 16;  // of one call

int epoll_create1(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->epoll_create1(flags_argument(lua, 1)));
}

int epoll_ctl(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 3);
  epoll_event event{};
  event.events = bits(luaL_optinteger(lua, 4, 0));
  event.data.u64 = static_cast<std::uint64_t>(luaL_optinteger(lua, 5, fd));
  return result(lua, thread.os->epoll_ctl(int_argument(lua, 1), int_argument(lua, 2), fd, event));
}

/// Room for the events. More than the kernel takes, or none, is none: both are EINVAL.
std::span<epoll_event> push_events(lua_State* lua, int index) {
  constexpr lua_Integer kKernelsMost = INT_MAX / static_cast<lua_Integer>(sizeof(epoll_event));
  const lua_Integer most = luaL_checkinteger(lua, index);
  const bool is_valid = most > 0 && most <= kKernelsMost;
  const auto count = static_cast<std::size_t>(is_valid ? std::min(most, kMostEvents) : 0);
  return {push_array<epoll_event>(lua, count), count};
}

int push_ready(lua_State* lua, std::span<const epoll_event> events, int ready) {
  if (ready < 0) return failure(lua, ready);
  lua_createtable(lua, ready, 0);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    lua_createtable(lua, 0, 2);
    lua_pushinteger(lua, event.events);
    lua_setfield(lua, -2, "events");
    lua_pushinteger(lua, static_cast<lua_Integer>(event.data.u64));
    lua_setfield(lua, -2, "data");
    lua_rawseti(lua, -2, i + 1);
  }
  return 1;
}

int epoll_wait(lua_State* lua, Thread& thread) {
  const int epoll = int_argument(lua, 1), timeout_ms = int_argument(lua, 3, -1);
  const std::span<epoll_event> events = push_events(lua, 2);
  return push_ready(lua, events, thread.os->epoll_wait(epoll, events, timeout_ms));
}

int epoll_pwait2(lua_State* lua, Thread& thread) {
  const int epoll = int_argument(lua, 1);
  const std::optional<Duration> limit = duration_argument(lua, 3);
  const timespec time = timespec_of(limit ? limit->count() : 0);
  const std::span<epoll_event> events = push_events(lua, 2);
  return push_ready(lua, events, thread.os->epoll_pwait2(epoll, events, limit ? &time : nullptr));
}

constexpr Binding kBindings[] = {
    {"epoll_create1", &epoll_create1, "epoll_create1(flags) → fd",
     "A new epoll instance; `flags` is 0 or EPOLL_CLOEXEC.",
     R"lua(print(epoll_create1())
print(epoll_create1(EPOLL_CLOEXEC))
print(epoll_create1(1))
)lua",
     "3\n4\nnil\tEINVAL\n"},
    {"epoll_ctl", &epoll_ctl, "epoll_ctl(ep, op, fd, events, data) → 0",
     "Adds, changes or removes a descriptor of interest; `data` is a 64-bit integer, `fd` itself where it is "
     "left out.",
     R"lua(local ep, r = epoll_create1(), pipe()
print(epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN))
print(epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN))
print(epoll_ctl(ep, EPOLL_CTL_DEL, r))
)lua",
     "0\nnil\tEEXIST\n0\n"},
    {"epoll_wait", &epoll_wait, "epoll_wait(ep, maxevents, timeout_ms) → list of {events=, data=}",
     "What is ready, at most 65,536 at a time; an empty list when the time is over; −1 ms is for ever.",
     R"lua(local ep, r, w = epoll_create1(), pipe()
epoll_ctl(ep, EPOLL_CTL_ADD, r, EPOLLIN, 77)
print(#epoll_wait(ep, 8, 0))
write(w, "x")
local ready = epoll_wait(ep, 8, -1)
print(#ready, ready[1].data, ready[1].events == EPOLLIN)
)lua",
     "0\n1\t77\ttrue\n"},
    {"epoll_pwait2", &epoll_pwait2, "epoll_pwait2(ep, maxevents, timeout_ns) → list of {events=, data=}",
     "epoll_wait with nanoseconds; nil is for ever.",
     R"lua(local ep = epoll_create1()
print(#epoll_pwait2(ep, 8, us(50)))
)lua",
     "0\n"},
};

}  // namespace

std::span<const Binding> epoll_bindings() { return kBindings; }

}  // namespace stackscope::lua
