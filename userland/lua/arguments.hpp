#pragma once
// Arguments of calls, as docs/lua.md has them. Each raises a Lua error where the type is wrong, so that its callers hold
// no C++ objects that want destroying. Internal to userland/lua.

#include <ctime>
#include <lua.hpp>

#include "kernel_model/syscalls.hpp"
#include "userland/lua/lua_process.hpp"

namespace stackscope::lua {

/// The most bytes that one call moves; a program that asks for more gets these.
inline constexpr std::size_t kMostBytes = 16u << 20;

inline int int_at(lua_State* lua, int index) { return static_cast<int>(luaL_checkinteger(lua, index)); }
inline int int_at(lua_State* lua, int index, int otherwise) {
  return static_cast<int>(luaL_optinteger(lua, index, otherwise));
}
inline ConstBuffer bytes_at(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* const data = luaL_checklstring(lua, index, &size);
  return {reinterpret_cast<const std::byte*>(data), size};
}
/// Nanoseconds; nil and negative ones are for ever, which is null. Else `at` is filled and returned.
const timespec* timeout_at(lua_State* lua, int index, timespec& at);
/// A Lua error where it is no address.
SocketAddress address_at(lua_State* lua, int index);
void push_address(lua_State* lua, const SocketAddress& address);

/// Room that belongs to Lua, left on the stack: a longjmp loses nothing.
template <class T>
std::span<T> room(lua_State* lua, std::size_t count) {
  void* const memory = lua_newuserdatauv(lua, std::max<std::size_t>(count, 1) * sizeof(T), 0);
  return {static_cast<T*>(memory), count};
}
/// Room for `count` bytes, as far as one call goes.
inline Buffer room_for(lua_State* lua, lua_Integer count) {
  const auto size = static_cast<std::size_t>(std::clamp<lua_Integer>(count, 0, kMostBytes));
  return {room<std::byte>(lua, size).data(), size};
}

/// Makes the call that `body` makes, as the thread that runs.
template <class Body>
auto in_call(lua_State* lua, const char* name, Body body) {
  const InCall call(lua, name);
  return body(call.os());
}

/// Pushes what was read into `from`, or the error.
inline int push_bytes(lua_State* lua, std::int64_t result, const Buffer& from) {
  if (result < 0) return push_error(lua, result);
  lua_pushlstring(lua, reinterpret_cast<const char*>(from.data), static_cast<std::size_t>(result));
  return 1;
}

void open_files(lua_State* lua);
void open_readiness(lua_State* lua);
void open_sockets(lua_State* lua);
void open_options(lua_State* lua);
void open_tasks(lua_State* lua);
/// Puts `functions` into the globals.
void add_globals(lua_State* lua, const luaL_Reg* functions);

}  // namespace stackscope::lua
