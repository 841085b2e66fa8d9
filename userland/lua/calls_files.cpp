// Descriptors, data, and files that are no sockets.

#include <sys/ioctl.h>

#include "userland/lua/arguments.hpp"

namespace stackscope::lua {

namespace {

// Lua: lua_CFunction, each one call of docs/lua.md.

int call_read(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const Buffer to = room_for(lua, luaL_checkinteger(lua, 2));
  return push_bytes(lua, in_call(lua, "read", [&](Syscalls& os) { return os.read(fd, to); }), to);
}

int call_write(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const ConstBuffer from = bytes_at(lua, 2);
  return push_result(lua, in_call(lua, "write", [&](Syscalls& os) { return os.write(fd, from); }));
}

int call_readv(lua_State* lua) {
  const int fd = int_at(lua, 1);
  luaL_checktype(lua, 2, LUA_TTABLE);
  const auto count = static_cast<std::size_t>(luaL_len(lua, 2));
  if (count > 2000) luaL_argerror(lua, 2, "too many parts");
  const std::span<Buffer> parts = room<Buffer>(lua, count);
  luaL_checkstack(lua, static_cast<int>(count) + 4, "too many parts");
  for (std::size_t i = 0; i < count; ++i) {
    lua_geti(lua, 2, static_cast<lua_Integer>(i) + 1);
    const lua_Integer size = luaL_checkinteger(lua, -1);
    lua_pop(lua, 1);
    parts[i] = room_for(lua, size);
  }
  std::int64_t left = in_call(lua, "readv", [&](Syscalls& os) { return os.readv(fd, parts); });
  if (left < 0) return push_error(lua, left);
  luaL_checkstack(lua, static_cast<int>(count), "too many parts");
  for (const Buffer& part : parts) {
    const auto filled = std::min(part.size, static_cast<std::size_t>(left));
    lua_pushlstring(lua, reinterpret_cast<const char*>(part.data), filled);
    left -= static_cast<std::int64_t>(filled);
  }
  return static_cast<int>(count);
}

int call_writev(lua_State* lua) {
  const int fd = int_at(lua, 1);
  luaL_checktype(lua, 2, LUA_TTABLE);
  const auto count = static_cast<std::size_t>(luaL_len(lua, 2));
  if (count > 2000) luaL_argerror(lua, 2, "too many parts");
  const std::span<ConstBuffer> parts = room<ConstBuffer>(lua, count);
  luaL_checkstack(lua, static_cast<int>(count) + 4, "too many parts");
  for (std::size_t i = 0; i < count; ++i) {
    lua_geti(lua, 2, static_cast<lua_Integer>(i) + 1);
    parts[i] = bytes_at(lua, -1);  // which stays on the stack, so that it stays where it is
  }
  return push_result(lua, in_call(lua, "writev", [&](Syscalls& os) { return os.writev(fd, parts); }));
}

int call_close(lua_State* lua) {
  const int fd = int_at(lua, 1);
  return push_result(lua, in_call(lua, "close", [&](Syscalls& os) { return os.close(fd); }));
}
int call_dup(lua_State* lua) {
  const int fd = int_at(lua, 1);
  return push_result(lua, in_call(lua, "dup", [&](Syscalls& os) { return os.dup(fd); }));
}
int call_dup2(lua_State* lua) {
  const int from = int_at(lua, 1), to = int_at(lua, 2);
  return push_result(lua, in_call(lua, "dup2", [&](Syscalls& os) { return os.dup2(from, to); }));
}
int call_dup3(lua_State* lua) {
  const int from = int_at(lua, 1), to = int_at(lua, 2), flags = int_at(lua, 3, 0);
  return push_result(lua, in_call(lua, "dup3", [&](Syscalls& os) { return os.dup3(from, to, flags); }));
}
int call_fcntl(lua_State* lua) {
  const int fd = int_at(lua, 1), command = int_at(lua, 2), argument = int_at(lua, 3, 0);
  return push_result(lua,
                     in_call(lua, "fcntl", [&](Syscalls& os) { return os.fcntl(fd, command, argument); }));
}
int call_ioctl(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const auto request = static_cast<unsigned long>(luaL_checkinteger(lua, 2));
  int value = int_at(lua, 3, 0);
  const int result = in_call(lua, "ioctl", [&](Syscalls& os) { return os.ioctl(fd, request, value); });
  return push_result(lua, result < 0 ? result : value);
}

int call_eventfd(lua_State* lua) {
  const auto count = static_cast<unsigned>(luaL_checkinteger(lua, 1));
  const int flags = int_at(lua, 2, 0);
  return push_result(lua, in_call(lua, "eventfd", [&](Syscalls& os) { return os.eventfd(count, flags); }));
}
int call_eventfd_read(lua_State* lua) {
  const int fd = int_at(lua, 1);
  std::uint64_t count = 0;
  const Buffer to{reinterpret_cast<std::byte*>(&count), sizeof count};
  const std::int64_t result = in_call(lua, "eventfd_read", [&](Syscalls& os) { return os.read(fd, to); });
  if (result < 0) return push_error(lua, result);
  lua_pushinteger(lua, static_cast<lua_Integer>(count));
  return 1;
}
int call_eventfd_write(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const auto count = static_cast<std::uint64_t>(luaL_checkinteger(lua, 2));
  const ConstBuffer from{reinterpret_cast<const std::byte*>(&count), sizeof count};
  const std::int64_t result = in_call(lua, "eventfd_write", [&](Syscalls& os) { return os.write(fd, from); });
  return push_result(lua, result < 0 ? result : 0);
}

int pipe_with(lua_State* lua, const char* name, int flags) {
  std::array<int, 2> fds{};
  const int result = in_call(lua, name, [&](Syscalls& os) { return os.pipe2(fds, flags); });
  if (result < 0) return push_error(lua, result);
  lua_pushinteger(lua, fds[0]);
  lua_pushinteger(lua, fds[1]);
  return 2;
}
int call_pipe(lua_State* lua) { return pipe_with(lua, "pipe", 0); }
int call_pipe2(lua_State* lua) { return pipe_with(lua, "pipe2", int_at(lua, 1, 0)); }

timespec timespec_of(lua_Integer ns) {
  timespec time{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  if (time.tv_nsec < 0) time = {time.tv_sec - 1, time.tv_nsec + 1'000'000'000};
  return time;
}
lua_Integer ns_of(const timespec& time) {
  return static_cast<lua_Integer>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

int call_timerfd_create(lua_State* lua) {
  const int clock = int_at(lua, 1), flags = int_at(lua, 2, 0);
  return push_result(
      lua, in_call(lua, "timerfd_create", [&](Syscalls& os) { return os.timerfd_create(clock, flags); }));
}
int call_timerfd_settime(lua_State* lua) {
  const int fd = int_at(lua, 1), flags = int_at(lua, 2, 0);
  itimerspec value{};
  value.it_value = timespec_of(luaL_optinteger(lua, 3, 0));
  value.it_interval = timespec_of(luaL_optinteger(lua, 4, 0));
  return push_result(lua, in_call(lua, "timerfd_settime", [&](Syscalls& os) {
                       return os.timerfd_settime(fd, flags, value, nullptr);
                     }));
}
int call_timerfd_gettime(lua_State* lua) {
  const int fd = int_at(lua, 1);
  itimerspec value{};
  const int result =
      in_call(lua, "timerfd_gettime", [&](Syscalls& os) { return os.timerfd_gettime(fd, value); });
  if (result < 0) return push_error(lua, result);
  lua_pushinteger(lua, ns_of(value.it_value));
  lua_pushinteger(lua, ns_of(value.it_interval));
  return 2;
}

constexpr luaL_Reg kCalls[] = {{"read", call_read},
                               {"write", call_write},
                               {"readv", call_readv},
                               {"writev", call_writev},
                               {"close", call_close},
                               {"dup", call_dup},
                               {"dup2", call_dup2},
                               {"dup3", call_dup3},
                               {"fcntl", call_fcntl},
                               {"ioctl", call_ioctl},
                               {"eventfd", call_eventfd},
                               {"eventfd_read", call_eventfd_read},
                               {"eventfd_write", call_eventfd_write},
                               {"pipe", call_pipe},
                               {"pipe2", call_pipe2},
                               {"timerfd_create", call_timerfd_create},
                               {"timerfd_settime", call_timerfd_settime},
                               {"timerfd_gettime", call_timerfd_gettime},
                               {nullptr, nullptr}};

}  // namespace

void open_files(lua_State* lua) { add_globals(lua, kCalls); }

}  // namespace stackscope::lua
