#include "userland/lua/state_copy.hpp"

#include <cassert>
#include <cstring>

#include "userland/lua/arguments.hpp"

namespace stackscope::lua {

namespace {

// Both states are worked on side by side. Either may raise: the copy is then given up, and nothing uses it again.

/// Tables of the originals, on the stack of `from`; of the copies, on that of `to`.
struct Copier {
  lua_State *from, *to;
  int numbers;    // from: original -> number
  int originals;  // from: number -> original
  int variables;  // from: id of a variable that closures share -> number * 256 + its index
  int copies;     // to: number -> copy
  lua_Integer count = 0;
};

/// In the registry: C functions and library tables by name.
constexpr const char* kKnown = "stackscope.known";

/// Gives what lies on top of both stacks a number; pops both.
void enlist(Copier& c) {
  ++c.count;
  lua_pushvalue(c.from, -1);
  lua_pushinteger(c.from, c.count);
  lua_rawset(c.from, c.numbers);
  lua_rawseti(c.from, c.originals, c.count);
  lua_rawseti(c.to, c.copies, c.count);
}

int append(lua_State*, const void* bytes, std::size_t size, void* buffer) {
  luaL_addlstring(static_cast<luaL_Buffer*>(buffer), static_cast<const char*>(bytes), size);
  return 0;
}

/// A Lua function's code; its variables follow when its turn comes.
void start_function(Copier& c, int index) {
  luaL_Buffer code;
  luaL_buffinit(c.from, &code);
  lua_pushvalue(c.from, index);  // lua_dump wants it on top; below it lies the buffer
  lua_dump(c.from, append, &code, 0);
  lua_pop(c.from, 1);
  luaL_pushresult(&code);
  std::size_t size = 0;
  const char* const bytes = lua_tolstring(c.from, -1, &size);
  if (luaL_loadbufferx(c.to, bytes, size, "=copy", "b") != LUA_OK)
    luaL_error(c.from, "a function cannot be copied");
  lua_pop(c.from, 1);
}

/// Pushes the copy of a value to `to`: whole for plain values, begun for others.
void push_copy(Copier& c, int index) {
  luaL_checkstack(c.from, 8, "too deep");
  luaL_checkstack(c.to, 8, "too deep");
  switch (lua_type(c.from, index)) {
    case LUA_TNIL:
      return lua_pushnil(c.to);
    case LUA_TBOOLEAN:
      return lua_pushboolean(c.to, lua_toboolean(c.from, index));
    case LUA_TNUMBER:
      return lua_isinteger(c.from, index) != 0 ? lua_pushinteger(c.to, lua_tointeger(c.from, index))
                                               : lua_pushnumber(c.to, lua_tonumber(c.from, index));
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* const text = lua_tolstring(c.from, index, &size);
      lua_pushlstring(c.to, text, size);
      return;
    }
    default:
      break;
  }
  lua_pushvalue(c.from, index);
  const int original = lua_gettop(c.from);
  lua_pushvalue(c.from, original);
  if (lua_rawget(c.from, c.numbers) == LUA_TNUMBER) {
    lua_rawgeti(c.to, c.copies, lua_tointeger(c.from, -1));
    return lua_settop(c.from, original - 1);
  }
  lua_settop(c.from, original);
  if (lua_type(c.from, original) == LUA_TTABLE) {
    lua_newtable(c.to);
  } else if (lua_type(c.from, original) == LUA_TFUNCTION && lua_iscfunction(c.from, original) == 0) {
    start_function(c, original);
  } else {
    luaL_error(c.from, "a process cannot take along a %s that its function reaches",
               luaL_typename(c.from, original));
  }
  lua_pushvalue(c.to, -1);
  enlist(c);
}

void fill_table(Copier& c, int original, int copy) {
  lua_pushnil(c.from);
  while (lua_next(c.from, original) != 0) {
    const int value = lua_gettop(c.from), key = value - 1;
    push_copy(c, key);
    push_copy(c, value);
    lua_rawset(c.to, copy);
    lua_settop(c.from, key);
  }
  if (lua_getmetatable(c.from, original) == 0) return;
  push_copy(c, lua_gettop(c.from));
  lua_setmetatable(c.to, copy);
  lua_pop(c.from, 1);
}

void fill_function(Copier& c, lua_Integer number, int original, int copy) {
  for (int i = 1; lua_getupvalue(c.from, original, i) != nullptr; ++i) {
    lua_pushlightuserdata(c.from, lua_upvalueid(c.from, original, i));
    lua_pushvalue(c.from, -1);
    if (lua_rawget(c.from, c.variables) == LUA_TNUMBER) {
      const lua_Integer known = lua_tointeger(c.from, -1);
      lua_rawgeti(c.to, c.copies, known / 256);
      lua_upvaluejoin(c.to, copy, i, lua_gettop(c.to), static_cast<int>(known % 256));
      lua_pop(c.to, 1);
      lua_pop(c.from, 3);
      continue;
    }
    lua_pop(c.from, 1);
    lua_pushinteger(c.from, number * 256 + i);
    lua_rawset(c.from, c.variables);
    push_copy(c, lua_gettop(c.from));
    lua_setupvalue(c.to, copy, i);
    lua_pop(c.from, 1);
  }
}

/// What both states have from the start stands for itself.
void enlist_known(Copier& c) {
  lua_getfield(c.from, LUA_REGISTRYINDEX, kKnown);
  lua_getfield(c.to, LUA_REGISTRYINDEX, kKnown);
  const int known = lua_gettop(c.from), known_there = lua_gettop(c.to);
  lua_pushnil(c.from);
  while (lua_next(c.from, known) != 0) {
    lua_getfield(c.to, known_there, lua_tostring(c.from, -2));
    enlist(c);
  }
  lua_pop(c.from, 1);
  lua_pop(c.to, 1);
  lua_pushglobaltable(c.from);
  lua_pushglobaltable(c.to);
  enlist(c);
}

/// The libraries' tables may have been changed, so they are emptied before they are filled like all others.
void clear_table(lua_State* lua, int table) {
  for (;;) {
    lua_pushnil(lua);
    if (lua_next(lua, table) == 0) return;
    lua_pop(lua, 1);
    lua_pushnil(lua);
    lua_rawset(lua, table);
  }
}

/// The random numbers go on in both where they were. Lua: the first upvalue of math.random, its state
void copy_randomness(Copier& c) {
  for (lua_State* const lua : {c.from, c.to}) {
    lua_getfield(lua, LUA_REGISTRYINDEX, kKnown);
    lua_getfield(lua, -1, "math.random");
    lua_getupvalue(lua, -1, 1);
  }
  std::memcpy(lua_touserdata(c.to, -1), lua_touserdata(c.from, -1), lua_rawlen(c.from, -1));
  lua_pop(c.from, 3);
  lua_pop(c.to, 3);
}

/// Runs protected in `to`, whose first value is the Copier. Lua: lua_CFunction
int copy_all(lua_State* to) {
  Copier& c = *static_cast<Copier*>(lua_touserdata(to, 1));
  lua_newtable(to);
  c.copies = lua_gettop(to);
  lua_State* const from = c.from;
  lua_newtable(from), lua_newtable(from), lua_newtable(from);
  c.variables = lua_gettop(from), c.originals = c.variables - 1, c.numbers = c.originals - 1;
  enlist_known(c);
  const int given = c.numbers - 1;
  [[maybe_unused]] const int first = lua_gettop(to) + 1;
  for (int i = 1; i <= given; ++i) push_copy(c, i);
  for (lua_Integer number = 1; number <= c.count; ++number) {
    lua_rawgeti(from, c.originals, number);
    lua_rawgeti(to, c.copies, number);
    const int original = lua_gettop(from), copy = lua_gettop(to);
    if (lua_istable(from, original)) {
      clear_table(to, copy);
      fill_table(c, original, copy);
    } else if (lua_iscfunction(from, original) == 0) {
      fill_function(c, number, original, copy);
    }
    lua_settop(from, original - 1);
    lua_settop(to, copy - 1);
  }
  copy_randomness(c);
  lua_settop(from, given);
  assert(lua_gettop(to) == first + given - 1);
  return given;
}

}  // namespace

LuaProcess& copy_state(lua_State* from) {
  LuaProcess& child = LuaProcess::of(from).add_process();
  lua_State* const to = child.lua();
  Copier copier{from, to, 0, 0, 0, 0};
  lua_pushcfunction(to, copy_all);
  lua_pushlightuserdata(to, &copier);
  if (lua_pcall(to, 1, LUA_MULTRET, 0) != LUA_OK) luaL_error(from, "%s", lua_tostring(to, -1));
  return child;
}

namespace {

/// Notes each C function and each table of the table on top of the stack.
void remember_known(lua_State* lua, int depth, const char* prefix) {
  lua_getfield(lua, LUA_REGISTRYINDEX, kKnown);
  const int known = lua_gettop(lua), table = known - 1;
  lua_pushnil(lua);
  while (lua_next(lua, table) != 0) {
    const char* const name = lua_pushfstring(lua, "%s%s", prefix, lua_tostring(lua, -2));
    lua_insert(lua, -2);  // key, name, value
    if (lua_iscfunction(lua, -1) != 0 || (lua_istable(lua, -1) && depth == 0)) {
      lua_pushvalue(lua, -1);
      lua_setfield(lua, known, name);
    }
    if (lua_istable(lua, -1) && depth == 0 && lua_rawequal(lua, -1, table) == 0) {
      const char* const inner = lua_pushfstring(lua, "%s.", name);
      lua_insert(lua, -2);
      remember_known(lua, 1, inner);
      lua_remove(lua, -2);
    }
    lua_pop(lua, 2);
  }
  lua_pop(lua, 1);
}

}  // namespace

void remember_library(lua_State* lua) {
  lua_newtable(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, kKnown);
  lua_pushglobaltable(lua);
  remember_known(lua, 0, "");
  if (lua_getmetatable(lua, -1) != 0) remember_known(lua, 1, "of the globals: ");
  lua_settop(lua, 0);
}

}  // namespace stackscope::lua
