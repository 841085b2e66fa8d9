// The rest of the string library: liblua's behind a toll, and rep, byte and format.

#include <cstring>
#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/process.hpp"
#include "userland/lua/texts.hpp"

namespace stackscope::lua {
namespace {

/// liblua's takes a step a repetition, even of nothing.
int rep(lua_State* lua) {
  std::size_t length = 0, separator = 0;
  luaL_checklstring(lua, 1, &length);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  luaL_optlstring(lua, 3, "", &separator);
  if (count <= 0 || length + separator == 0) return lua_pushliteral(lua, ""), 1;
  const auto total = static_cast<std::uint64_t>(length + separator);
  if (static_cast<std::uint64_t>(count) >= static_cast<std::uint64_t>(LUA_MAXINTEGER) / total) {
    return luaL_error(lua, "resulting string too large");
  }
  Process::spend(lua, count);
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

lua_Integer position(lua_Integer at, std::size_t length) {
  const auto size = static_cast<lua_Integer>(length);
  if (at >= 0) return at;
  return at < -size ? 0 : size + at + 1;
}

/// Pays for the values it will push.
int byte(lua_State* lua) {
  std::size_t length = 0;
  luaL_checklstring(lua, 1, &length);
  const lua_Integer first = luaL_optinteger(lua, 2, 1);
  const lua_Integer from = std::max<lua_Integer>(position(first, length), 1);
  const lua_Integer to =
      std::min(position(luaL_optinteger(lua, 3, from), length), static_cast<lua_Integer>(length));
  if (to > from) Process::spend(lua, to - from);
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

/// After a '%': past flags, width and precision, at the letter.
char* end_of_spec(char* at, const char* end) {
  while (at < end && std::strchr("-+ #0123456789.", *at) != nullptr && *at != '\0') ++at;
  return at;
}

/// %s and %p must not show addresses: their arguments become texts of our own, and %p becomes %s.
int format(lua_State* lua) {
  std::size_t length = 0;
  luaL_checklstring(lua, 1, &length);
  const int given = lua_gettop(lua);
  auto* copy = static_cast<char*>(lua_newuserdatauv(lua, length + 1, 0));
  std::memcpy(copy, lua_tostring(lua, 1), length);
  int argument = 1;
  for (char* at = copy; at < copy + length; ++at) {
    if (*at != '%') continue;
    at = end_of_spec(at + 1, copy + length);
    if (at >= copy + length || *at == '%') continue;
    if (++argument > given) break;  // liblua says so
    if (*at == 's') {
      push_text(lua, argument);
      lua_replace(lua, argument);
    } else if (*at == 'p') {
      *at = 's';
      const bool has_identity = lua_type(lua, argument) >= LUA_TSTRING;
      has_identity ? lua_pushfstring(lua, "%I", static_cast<LUAI_UACINT>(ordinal_of(lua, argument)))
                   : lua_pushliteral(lua, "(null)");
      lua_replace(lua, argument);
    }
  }
  lua_pushlstring(lua, copy, length);
  lua_replace(lua, 1);
  lua_settop(lua, given);
  Process::spend(lua, static_cast<std::int64_t>(length));
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

/// `function` stands in front of liblua's, its upvalue.
void put_before(lua_State* lua, const char* name, lua_CFunction function) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, function, 1);
  lua_setfield(lua, -2, name);
}

}  // namespace

void open_strings(lua_State* lua) {
  remove_function(lua, "dump");
  put_before(lua, "rep", &rep);
  put_before(lua, "byte", &byte);
  put_before(lua, "format", &format);
  for (const char* name : {"char", "lower", "upper", "reverse", "pack", "packsize", "unpack"}) {
    add_toll(lua, name);
  }
}

}  // namespace stackscope::lua
