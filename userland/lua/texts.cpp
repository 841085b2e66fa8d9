#include "userland/lua/texts.hpp"

#include <fmt/format.h>

#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

constexpr const char* kOrdinals = "stackscope.ordinals";

void push_ordinals(lua_State* lua) { lua_getfield(lua, LUA_REGISTRYINDEX, kOrdinals); }

/// Makes `name` a metamethod that no program can name. liblua finds metamethods by the identity of their interned names;
/// with other letters in that string, the one that a program writes is another.
///
/// __gc and __mode would let a program see when the collector runs, which depends on addresses. They cannot be refused
/// where metatables are set, since a metatable may get them later.
void hide_metamethod(lua_State* lua, const char* name) {
  lua_pushstring(lua, name);
  const_cast<char*>(lua_tostring(lua, -1))[0] = '\1';  // in a block of our own Heap
}

}  // namespace

void open_ordinals(lua_State* lua) {
  hide_metamethod(lua, "__gc");
  lua_pop(lua, 1);
  lua_newtable(lua);
  lua_createtable(lua, 0, 1);
  hide_metamethod(lua, "__mode");
  lua_pushliteral(lua, "k");  // an object that is gone needs no number
  lua_rawset(lua, -3);
  lua_setmetatable(lua, -2);
  lua_setfield(lua, LUA_REGISTRYINDEX, kOrdinals);
}

lua_Integer known_ordinal(lua_State* lua, int index) {
  index = lua_absindex(lua, index);
  push_ordinals(lua);
  lua_pushvalue(lua, index);
  lua_rawget(lua, -2);
  const lua_Integer ordinal = lua_tointeger(lua, -1);
  lua_pop(lua, 2);
  return ordinal;
}

void set_ordinal(lua_State* lua, int index, lua_Integer ordinal) {
  index = lua_absindex(lua, index);
  push_ordinals(lua);
  lua_pushvalue(lua, index);
  lua_pushinteger(lua, ordinal);
  lua_rawset(lua, -3);
  lua_pop(lua, 1);
}

lua_Integer ordinal_of(lua_State* lua, int index) {
  if (const lua_Integer known = known_ordinal(lua, index)) return known;
  const lua_Integer ordinal = thread_of(lua).process.new_ordinal();
  set_ordinal(lua, index, ordinal);
  return ordinal;
}

void push_text(lua_State* lua, int index) {
  index = lua_absindex(lua, index);
  if (luaL_callmeta(lua, index, "__tostring")) {
    if (!lua_isstring(lua, -1)) luaL_error(lua, "'__tostring' must return a string");
    return;
  }
  const int type = lua_type(lua, index);
  if (type < LUA_TTABLE) {
    luaL_tolstring(lua, index, nullptr);
    return;
  }
  const int named = luaL_getmetafield(lua, index, "__name");
  const char* kind = named == LUA_TSTRING ? lua_tostring(lua, -1) : lua_typename(lua, type);
  lua_pushfstring(lua, "%s: %I", kind, static_cast<LUAI_UACINT>(ordinal_of(lua, index)));
  if (named != LUA_TNIL) lua_remove(lua, -2);
}

void push_error_text(lua_State* lua, int index) {
  index = lua_absindex(lua, index);
  if (lua_type(lua, index) == LUA_TSTRING || luaL_getmetafield(lua, index, "__tostring") != LUA_TNIL) {
    push_text(lua, index);
  } else {
    lua_pushfstring(lua, "(error object is a %s value)", luaL_typename(lua, index));
  }
}

std::string place_of(lua_State* lua) {
  lua_Debug at;
  for (int level = 0; lua_getstack(lua, level, &at) != 0; ++level) {
    lua_getinfo(lua, "Sl", &at);
    if (at.currentline > 0) return fmt::format("{}:{}: ", at.short_src, at.currentline);
  }
  return {};
}

}  // namespace stackscope::lua
