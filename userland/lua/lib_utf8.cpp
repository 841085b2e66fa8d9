// The utf8 library: liblua's, paid for by how far it goes.

#include <cstdlib>
#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// From `at` over one character, forwards or backwards; pays for its bytes.
lua_Integer over_one(lua_State* lua, const char* text, lua_Integer size, lua_Integer at, int direction) {
  const lua_Integer from = at;
  do at += direction;
  while (at > 0 && at < size && is_continuation(text[at]));
  Process::spend(lua, std::abs(at - from) / 4 + 1);
  return at;
}

/// offset(s, n, i): liblua's would not pay for long runs of continuation bytes.
int offset(lua_State* lua) {
  std::size_t length = 0;
  const char* const text = luaL_checklstring(lua, 1, &length);
  const auto size = static_cast<lua_Integer>(length);
  lua_Integer count = luaL_checkinteger(lua, 2);
  lua_Integer at = luaL_optinteger(lua, 3, count > 0 ? 1 : size + 1);
  if (at < 0) at = at < -size ? 0 : size + at + 1;
  luaL_argcheck(lua, at >= 1 && at <= size + 1, 3, "position out of bounds");
  --at;
  if (count == 0) {
    if (is_continuation(text[at])) at = over_one(lua, text, size, at, -1);
    return lua_pushinteger(lua, at + 1), 1;
  }
  if (is_continuation(text[at])) return luaL_error(lua, "initial position is a continuation byte");
  if (count > 0) --count;
  for (; count < 0 && at > 0; ++count) at = over_one(lua, text, size, at, -1);
  for (; count > 0 && at < size; --count) at = over_one(lua, text, size, at, 1);
  count == 0 ? lua_pushinteger(lua, at + 1) : lua_pushnil(lua);
  return 1;
}

/// The iterator of codes(). Upvalue: liblua's.
int next_code(lua_State* lua) {
  std::size_t length = 0;
  const char* const text = luaL_checklstring(lua, 1, &length);
  const auto size = static_cast<lua_Integer>(length);
  const lua_Integer start = lua_tointeger(lua, 2);
  lua_Integer at = std::max<lua_Integer>(start, 0);
  while (at < size && is_continuation(text[at])) ++at;
  Process::spend(lua, (at - std::max<lua_Integer>(start, 0)) / 4);
  lua_settop(lua, 2);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, 2, LUA_MULTRET);
  return lua_gettop(lua);
}

/// Upvalue: liblua's.
int codes(lua_State* lua) {
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 3);
  lua_pushvalue(lua, -3);
  lua_pushcclosure(lua, &next_code, 1);
  lua_replace(lua, -4);
  return 3;
}

/// codepoint(s, i, j) and len(s, i, j) go from i to j. Upvalue: liblua's.
int over_range(lua_State* lua, lua_Integer default_end) {
  std::size_t length = 0;
  luaL_checklstring(lua, 1, &length);
  const auto size = static_cast<lua_Integer>(length);
  const auto place = [size](lua_Integer at) {
    return at >= 0 ? at : std::max<lua_Integer>(size + at + 1, 0);
  };
  const lua_Integer from = place(luaL_optinteger(lua, 2, 1));
  const lua_Integer to = place(luaL_optinteger(lua, 3, default_end == 0 ? from : default_end));
  if (to > from) Process::spend(lua, std::min(to, size) - from > 0 ? std::min(to, size) - from : 0);
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}
int codepoint(lua_State* lua) { return over_range(lua, 0); }
int len(lua_State* lua) { return over_range(lua, -1); }

}  // namespace

void open_utf8(lua_State* lua) {
  lua_pushcfunction(lua, &offset);
  lua_setfield(lua, -2, "offset");
  constexpr luaL_Reg kBefore[] = {{"codes", &codes}, {"codepoint", &codepoint}, {"len", &len}};
  for (const luaL_Reg& entry : kBefore) {
    lua_getfield(lua, -1, entry.name);
    lua_pushcclosure(lua, entry.func, 1);
    lua_setfield(lua, -2, entry.name);
  }
}

}  // namespace stackscope::lua
