#include "userland/lua/arguments.hpp"

namespace stackscope::lua {

const timespec* timeout_at(lua_State* lua, int index, timespec& at) {
  const lua_Integer ns = luaL_optinteger(lua, index, -1);
  if (ns < 0) return nullptr;
  at = {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  return &at;
}

SocketAddress address_at(lua_State* lua, int index) {
  std::size_t length = 0;
  const char* const text = luaL_checklstring(lua, index, &length);
  const std::optional<SocketAddress> address =
      length < 64 ? SocketAddress::parse({text, length}) : std::nullopt;
  if (!address) luaL_argerror(lua, index, "an address is written \"127.0.0.1:80\" or \"[::1]:80\"");
  return *address;
}

void push_address(lua_State* lua, const SocketAddress& address) {
  if (!address) return lua_pushnil(lua);
  const std::string text = address.text();  // short enough to need no memory of its own
  lua_pushlstring(lua, text.data(), text.size());
}

void add_globals(lua_State* lua, const luaL_Reg* functions) {
  for (; functions->name != nullptr; ++functions) lua_register(lua, functions->name, functions->func);
}

}  // namespace stackscope::lua

namespace stackscope {

int push_error(lua_State* lua, std::int64_t negative_errno) {
  const char* const name = strerrorname_np(static_cast<int>(-negative_errno));
  lua_pushnil(lua);
  lua_pushstring(lua, name == nullptr ? "EUNKNOWN" : name);
  return 2;
}

int push_result(lua_State* lua, std::int64_t result) {
  if (result < 0) return push_error(lua, result);
  lua_pushinteger(lua, result);
  return 1;
}

void open_lua_calls(lua_State* lua) {
  lua::open_files(lua);
  lua::open_readiness(lua);
  lua::open_sockets(lua);
  lua::open_options(lua);
  lua::open_tasks(lua);
}

}  // namespace stackscope
