#include "userland/lua/libraries.hpp"

#include "userland/lua/constants.hpp"
#include "userland/lua/handles.hpp"
#include "userland/lua/process.hpp"
#include "userland/lua/reference.hpp"
#include "userland/lua/texts.hpp"

namespace stackscope::lua {
namespace {

constexpr lua_Integer kSeed = 1;
constexpr std::int64_t kBytesAStep = 8;

/// Lua: the original function is the upvalue; none of liblua's that are called so has upvalues of its own.
int pay_and_call(lua_State* lua) {
  std::int64_t bytes = 0;
  for (int i = lua_gettop(lua); i >= 1; --i) {
    if (lua_type(lua, i) == LUA_TSTRING) bytes += static_cast<std::int64_t>(lua_rawlen(lua, i));
  }
  Process::spend(lua, bytes / kBytesAStep);
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

/// Lua: math.randomseed without arguments would ask the clock. Upvalue: the original.
int seed_random(lua_State* lua) {
  if (lua_gettop(lua) == 0) lua_pushinteger(lua, kSeed);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 0);
  return 0;
}

void open_math(lua_State* lua) {
  lua_getfield(lua, -1, "randomseed");
  lua_pushcclosure(lua, &seed_random, 1);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -3, "randomseed");
  lua_call(lua, 0, 0);
  // Of Lua 5.2 and before; not in the manual.
  for (const char* old : {"cosh", "sinh", "tanh", "pow", "frexp", "ldexp", "log10"})
    remove_function(lua, old);
}

/// Strings in arithmetic are read as numbers, which takes the time of their length.
void open_string_arithmetic(lua_State* lua) {
  lua_pushliteral(lua, "");
  lua_getmetatable(lua, -1);
  for (const char* name : {"__add", "__sub", "__mul", "__mod", "__pow", "__div", "__idiv", "__unm"}) {
    add_toll(lua, name);
  }
  lua_pop(lua, 2);
}

// Where liblua looks for a function's name when it tells of an error.
void name_functions(lua_State* lua) {
  luaL_getsubtable(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushglobaltable(lua);
  lua_setfield(lua, -2, LUA_GNAME);
  for (const char* library : {"string", "table", "math", "utf8", "coroutine"}) {
    lua_getglobal(lua, library);
    lua_setfield(lua, -2, library);
  }
  lua_pop(lua, 1);
}

void open(lua_State* lua, const char* name, lua_CFunction opener, void (*change)(lua_State*)) {
  lua_pushcfunction(lua, opener);
  lua_call(lua, 0, 1);
  change(lua);
  lua_setglobal(lua, name);
}

}  // namespace

void remove_function(lua_State* lua, const char* name) {
  lua_pushnil(lua);
  lua_setfield(lua, -2, name);
}

void add_toll(lua_State* lua, const char* name) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, &pay_and_call, 1);
  lua_setfield(lua, -2, name);
}

void open_child_state(lua_State* lua) {
  open_ordinals(lua);
  open_handles(lua);
}

void open_libraries(lua_State* lua) {
  open_child_state(lua);
  open_base(lua);
  open(lua, "string", &luaopen_string, [](lua_State* l) { open_strings(l), open_patterns(l); });
  open_string_arithmetic(lua);
  open(lua, "table", &luaopen_table, &open_tables);
  open(lua, "math", &luaopen_math, &open_math);
  open(lua, "utf8", &luaopen_utf8, &open_utf8);
  open(lua, "coroutine", &luaopen_coroutine, &open_coroutines);
  open_calls(lua);
  open_constants(lua);
  name_functions(lua);
}

}  // namespace stackscope::lua
