// tostring, pcall, load and their like.

#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/process.hpp"
#include "userland/lua/texts.hpp"

namespace stackscope::lua {
namespace {

constexpr std::size_t kLongestChunk = 128u << 10;

int tostring(lua_State* lua) {
  luaL_checkany(lua, 1);
  push_text(lua, 1);
  return 1;
}

// --- protected calls: limits pass through them ---------------------------------------------------------------------

int finish_pcall(lua_State* lua, int status, lua_KContext extra) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(lua) - static_cast<int>(extra);
  Process::pass_on_limits(lua, status);
  lua_pushboolean(lua, 0);
  lua_insert(lua, -2);
  return 2;
}

int pcall(lua_State* lua) {
  luaL_checkany(lua, 1);
  lua_pushboolean(lua, 1);
  lua_insert(lua, 1);
  return finish_pcall(lua, lua_pcallk(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0, 0, &finish_pcall), 0);
}

int xpcall(lua_State* lua) {
  const int count = lua_gettop(lua);
  luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_pushboolean(lua, 1);
  lua_pushvalue(lua, 1);
  lua_rotate(lua, 3, 2);  // function, handler, true, function, arguments
  return finish_pcall(lua, lua_pcallk(lua, count - 2, LUA_MULTRET, 2, 2, &finish_pcall), 2);
}

// --- load -------------------------------------------------------------------------------------------------------------

/// Leaves the whole text of a reader function on the stack.
void read_pieces(lua_State* lua, int reader) {
  luaL_Buffer text;
  luaL_buffinit(lua, &text);
  while (luaL_bufflen(&text) <= kLongestChunk) {
    lua_pushvalue(lua, reader);
    lua_call(lua, 0, 1);
    Process::spend(lua, 1);
    const bool is_end = lua_isnil(lua, -1) || (lua_type(lua, -1) == LUA_TSTRING && lua_rawlen(lua, -1) == 0);
    if (is_end) {
      lua_pop(lua, 1);
      break;
    }
    if (!lua_isstring(lua, -1)) luaL_error(lua, "reader function must return a string");
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
}

/// How much there is to collect would depend on addresses; that everything is collected does not.
int collectgarbage(lua_State* lua) {
  const char* const option = luaL_optstring(lua, 1, "collect");
  if (std::string_view(option) != "collect") {
    return luaL_error(lua, "there is no collectgarbage(\"%s\") here, only \"collect\"", option);
  }
  Process::spend(lua, static_cast<std::int64_t>(lua_gc(lua, LUA_GCCOUNT)) * 16);
  lua_gc(lua, LUA_GCCOLLECT);
  lua_pushinteger(lua, 0);
  return 1;
}

void refuse_field(lua_State* lua, const char* field) {
  lua_pushstring(lua, field);
  if (lua_rawget(lua, 2) != LUA_TNIL)
    luaL_error(lua, "there is no %s here: when memory is collected is not definite", field);
  lua_pop(lua, 1);
}

int setmetatable(lua_State* lua) {
  const int type = lua_type(lua, 2);
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (type != LUA_TNIL && type != LUA_TTABLE) luaL_typeerror(lua, 2, "nil or table");
  if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL)
    return luaL_error(lua, "cannot change a protected metatable");
  lua_settop(lua, 2);
  if (type == LUA_TTABLE) refuse_field(lua, "__gc"), refuse_field(lua, "__mode");
  lua_setmetatable(lua, 1);
  return 1;
}

constexpr luaL_Reg kOwn[] = {{"tostring", &tostring},
                             {"pcall", &pcall},
                             {"xpcall", &xpcall},
                             {"load", &load_text},
                             {"collectgarbage", &collectgarbage},
                             {"setmetatable", &setmetatable},
                             {nullptr, nullptr}};

}  // namespace

/// Text alone: bytes of a compiled chunk could do anything. The compiler's time may grow with the square of the text.
int load_text(lua_State* lua) {
  const bool is_text = lua_type(lua, 1) == LUA_TSTRING;
  if (!is_text) luaL_checktype(lua, 1, LUA_TFUNCTION);
  luaL_optstring(lua, 3, "t");
  const int environment = lua_isnone(lua, 4) ? 0 : 4;
  const char* name = luaL_optstring(lua, 2, is_text ? lua_tostring(lua, 1) : "=(load)");
  lua_settop(lua, 4);
  is_text ? lua_pushvalue(lua, 1) : read_pieces(lua, 1);
  std::size_t length = 0;
  const char* const text = lua_tolstring(lua, 5, &length);
  Process::spend(lua, static_cast<std::int64_t>(length + length * length / 512));
  if (length > kLongestChunk) luaL_error(lua, "the text to load is longer than 128 KiB");
  const int status = luaL_loadbufferx(lua, text, length, name, "t");
  if (status != LUA_OK) {
    Process::pass_on_limits(lua, status);
    lua_pushnil(lua);
    lua_insert(lua, -2);
    return 2;
  }
  if (environment != 0) {
    lua_pushvalue(lua, environment);
    if (lua_setupvalue(lua, -2, 1) == nullptr) lua_pop(lua, 1);
  }
  return 1;
}

void open_base(lua_State* lua) {
  lua_pushcfunction(lua, &luaopen_base);
  lua_call(lua, 0, 1);  // the globals
  for (const char* name : {"dofile", "loadfile", "warn", "next", "pairs", "print", "select"})
    remove_function(lua, name);
  luaL_setfuncs(lua, kOwn, 0);
  add_toll(lua, "tonumber");
  open_iteration(lua);
  lua_pop(lua, 1);
}

}  // namespace stackscope::lua
