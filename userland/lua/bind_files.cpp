// Pipes, event descriptors, timers.

#include <array>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

int push_pair(lua_State* lua, int status, const std::array<int, 2>& fds) {
  if (status < 0) return failure(lua, status);
  lua_pushinteger(lua, fds[0]);
  lua_pushinteger(lua, fds[1]);
  return 2;
}

int pipe2(lua_State* lua, Thread& thread) {
  std::array<int, 2> fds{};
  const int status = thread.os->pipe2(fds, flags_argument(lua, 1));
  return push_pair(lua, status, fds);
}

int pipe(lua_State* lua, Thread& thread) {
  lua_settop(lua, 0);
  return pipe2(lua, thread);
}

int socketpair(lua_State* lua, Thread& thread) {
  std::array<int, 2> fds{};
  const int status =
      thread.os->socketpair(int_argument(lua, 1), flags_argument(lua, 2), int_argument(lua, 3, 0), fds);
  return push_pair(lua, status, fds);
}

int eventfd(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->eventfd(bits(luaL_optinteger(lua, 1, 0)), flags_argument(lua, 2)));
}

int eventfd_read(lua_State* lua, Thread& thread) {
  std::uint64_t count = 0;
  const std::int64_t got =
      thread.os->read(int_argument(lua, 1), {reinterpret_cast<std::byte*>(&count), sizeof count});
  if (got < 0) return failure(lua, got);
  lua_pushinteger(lua, static_cast<lua_Integer>(count));
  return 1;
}

int eventfd_write(lua_State* lua, Thread& thread) {
  const auto count = static_cast<std::uint64_t>(luaL_checkinteger(lua, 2));
  const std::int64_t put =
      thread.os->write(int_argument(lua, 1), {reinterpret_cast<const std::byte*>(&count), sizeof count});
  return put < 0 ? failure(lua, put) : result(lua, 0);
}

int timerfd_create(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->timerfd_create(int_argument(lua, 1), flags_argument(lua, 2)));
}

int timerfd_settime(lua_State* lua, Thread& thread) {
  itimerspec value{};
  value.it_value = timespec_of(luaL_checkinteger(lua, 3));
  value.it_interval = timespec_of(luaL_optinteger(lua, 4, 0));
  return result(lua,
                thread.os->timerfd_settime(int_argument(lua, 1), flags_argument(lua, 2), value, nullptr));
}

int timerfd_gettime(lua_State* lua, Thread& thread) {
  itimerspec value{};
  const int status = thread.os->timerfd_gettime(int_argument(lua, 1), value);
  if (status < 0) return failure(lua, status);
  lua_pushinteger(lua, nanoseconds(value.it_value));
  lua_pushinteger(lua, nanoseconds(value.it_interval));
  return 2;
}

constexpr Binding kBindings[] = {
    {"pipe", &pipe, "pipe() → r, w", "A pipe: the end to read from, and the end to write to.",
     R"lua(local r, w = pipe()
write(w, "hello")
print(r, w, read(r, 100))
)lua",
     "3\t4\thello\n"},
    {"pipe2", &pipe2, "pipe2(flags) → r, w", "A pipe with O_NONBLOCK, O_CLOEXEC or O_DIRECT.",
     R"lua(local r = pipe2(O_NONBLOCK)
print(read(r, 1))
)lua",
     "nil\tEAGAIN\n"},
    {"socketpair", &socketpair, "socketpair(domain, type, protocol) → a, b", "Two connected sockets.",
     R"lua(local a, b = socketpair(AF_UNIX, SOCK_STREAM)
write(a, "over")
print(read(b, 100))
)lua",
     "over\n"},
    {"eventfd", &eventfd, "eventfd(initval, flags) → fd",
     "A counter as a descriptor; `flags` are EFD_NONBLOCK, EFD_SEMAPHORE, EFD_CLOEXEC.",
     R"lua(local fd = eventfd(3, EFD_NONBLOCK)
print(eventfd_read(fd))
print(eventfd_read(fd))
)lua",
     "3\nnil\tEAGAIN\n"},
    {"eventfd_read", &eventfd_read, "eventfd_read(fd) → n",
     "Takes the counter (or 1 of it, with EFD_SEMAPHORE); an unsigned 64-bit number in a Lua integer.",
     R"lua(local fd = eventfd(2, EFD_SEMAPHORE)
print(eventfd_read(fd), eventfd_read(fd))
)lua",
     "1\t1\n"},
    {"eventfd_write", &eventfd_write, "eventfd_write(fd, n) → 0",
     "Adds to the counter; −2 is the largest number, −1 is EINVAL.",
     R"lua(local fd = eventfd()
print(eventfd_write(fd, -2), eventfd_write(fd, -1))
print(eventfd_read(fd))
)lua",
     "0\tnil\tEINVAL\n-2\n"},
    {"timerfd_create", &timerfd_create, "timerfd_create(clock, flags) → fd",
     "A timer as a descriptor; `flags` are TFD_NONBLOCK and TFD_CLOEXEC.",
     R"lua(local fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
print(fd, read(fd, 8))
)lua",
     "3\tnil\tEAGAIN\n"},
    {"timerfd_settime", &timerfd_settime, "timerfd_settime(fd, flags, value_ns, interval_ns) → 0",
     "Starts the timer, or stops it with 0; `flags` may be TFD_TIMER_ABSTIME.",
     R"lua(local fd = timerfd_create(CLOCK_MONOTONIC)
print(timerfd_settime(fd, 0, ms(2)))
print(string.unpack("<I8", read(fd, 8)))
)lua",
     "0\n1\t9\n"},
    {"timerfd_gettime", &timerfd_gettime, "timerfd_gettime(fd) → value_ns, interval_ns",
     "How long until the timer fires, and how often it does.",
     R"lua(local fd = timerfd_create(CLOCK_MONOTONIC)
print(timerfd_gettime(fd))
timerfd_settime(fd, 0, s(10), ms(5))
local left, interval = timerfd_gettime(fd)
print(left > s(9) and left <= s(10), interval)
)lua",
     "0\t0\ntrue\t5000000\n"},
};

}  // namespace

std::span<const Binding> file_bindings() { return kBindings; }

}  // namespace stackscope::lua
