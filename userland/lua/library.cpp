// What programs find of Lua's own library: nothing that would tell kernels, runs or machines apart.
//
// Differs: `pairs` and `next` go by the keys' order; tostring() counts what has no order; table.sort is a merge sort.

#include <algorithm>
#include <cstring>

#include "userland/lua/lua_process.hpp"

namespace stackscope {

namespace {

constexpr lua_Integer kLongestTable = 10'000'000;  // what a C loop may go through
constexpr const char* kOrdinals = "stackscope.ordinals";

// --- order -----------------------------------------------------------------------------------------------------------

/// A key that has a place among others: numbers, then strings, then false and true.
struct Key {
  int rank;
  bool is_integer;
  lua_Integer integer;
  lua_Number number;
  const char* text;
  std::size_t length;
};

bool is_before(const Key& a, const Key& b) {
  if (a.rank != b.rank) return a.rank < b.rank;
  if (a.rank == 0) {
    if (a.is_integer && b.is_integer) return a.integer < b.integer;
    const lua_Number x = a.is_integer ? static_cast<lua_Number>(a.integer) : a.number;
    const lua_Number y = b.is_integer ? static_cast<lua_Number>(b.integer) : b.number;
    return x < y;
  }
  if (a.rank != 1) return false;
  const int order = std::memcmp(a.text, b.text, std::min(a.length, b.length));
  return order != 0 ? order < 0 : a.length < b.length;
}

Key key_at(lua_State* lua, int index) {
  Key key{};
  switch (lua_type(lua, index)) {
    case LUA_TNUMBER:
      key.is_integer = lua_isinteger(lua, index) != 0;
      key.integer = key.is_integer ? lua_tointeger(lua, index) : 0;
      key.number = lua_tonumber(lua, index);
      return key;
    case LUA_TSTRING:
      key.rank = 1;
      key.text = lua_tolstring(lua, index, &key.length);
      return key;
    case LUA_TBOOLEAN:
      key.rank = lua_toboolean(lua, index) != 0 ? 3 : 2;
      return key;
    default:
      luaL_error(lua, "this table cannot be gone through: a key is a %s, which has no order",
                 luaL_typename(lua, index));
      return key;
  }
}

void push_key(lua_State* lua, const Key& key) {
  if (key.rank == 0) {
    key.is_integer ? lua_pushinteger(lua, key.integer) : lua_pushnumber(lua, key.number);
  } else if (key.rank == 1) {
    lua_pushlstring(lua, key.text, key.length);
  } else {
    lua_pushboolean(lua, key.rank == 3);
  }
}

/// Pushes an array of the keys of the table at 1, in order.
void push_sorted_keys(lua_State* lua) {
  lua_Integer count = 0;
  for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) ++count;
  LuaProcess::of(lua).instructions_left -= count;
  auto* const keys = static_cast<Key*>(
      lua_newuserdatauv(lua, static_cast<std::size_t>(std::max<lua_Integer>(count, 1)) * sizeof(Key), 0));
  lua_Integer n = 0;
  for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) keys[n++] = key_at(lua, -2);
  std::sort(keys, keys + n, is_before);
  lua_createtable(lua, static_cast<int>(n), 0);
  for (lua_Integer i = 0; i < n; ++i) {
    push_key(lua, keys[i]);  // which the table still holds: nothing else has run meanwhile
    lua_rawseti(lua, -2, i + 1);
  }
  lua_remove(lua, -2);
}

// Upvalues: the keys, and how many were given out. Keys whose values have gone are left out. Lua: lua_CFunction
int next_of_pairs(lua_State* lua) {
  lua_Integer at = lua_tointeger(lua, lua_upvalueindex(2));
  for (;;) {
    lua_rawgeti(lua, lua_upvalueindex(1), ++at);
    lua_pushinteger(lua, at);
    lua_replace(lua, lua_upvalueindex(2));
    if (lua_isnil(lua, -1)) return 1;
    lua_pushvalue(lua, -1);
    lua_gettable(lua, 1);
    if (!lua_isnil(lua, -1)) return 2;
    lua_pop(lua, 2);
  }
}

int pairs(lua_State* lua) {
  luaL_checkany(lua, 1);
  if (luaL_getmetafield(lua, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(lua, 1);
    lua_call(lua, 1, 3);
    return 3;
  }
  luaL_checktype(lua, 1, LUA_TTABLE);
  push_sorted_keys(lua);
  lua_pushinteger(lua, 0);
  lua_pushcclosure(lua, next_of_pairs, 2);
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

/// The smallest key above the given one.
int next_key(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 2);
  const bool is_first = lua_isnil(lua, 2);
  const Key after = is_first ? Key{} : key_at(lua, 2);
  bool found = false;
  Key best{};
  lua_Integer looked = 0;
  for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1), ++looked) {
    const Key key = key_at(lua, -2);
    if ((is_first || is_before(after, key)) && (!found || is_before(key, best))) best = key, found = true;
  }
  LuaProcess::of(lua).instructions_left -= looked;
  if (!found) return lua_pushnil(lua), 1;
  push_key(lua, best);
  lua_pushvalue(lua, -1);
  lua_rawget(lua, 1);
  return 2;
}

// --- text ------------------------------------------------------------------------------------------------------------

/// Pushes a value as text.
void push_text(lua_State* lua, int index) {
  if (luaL_callmeta(lua, index, "__tostring") != 0) {
    if (lua_isstring(lua, -1) == 0) luaL_error(lua, "'__tostring' must return a string");
    return;
  }
  switch (lua_type(lua, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
      luaL_tolstring(lua, index, nullptr);
      return;
    default:
      break;
  }
  const lua_Integer ordinal = LuaProcess::ordinal(lua, index);
  const char* name = luaL_typename(lua, index);
  if (luaL_getmetafield(lua, index, "__name") == LUA_TSTRING) name = lua_tostring(lua, -1);
  lua_pushfstring(lua, "%s: %I", name, ordinal);
}

int to_string(lua_State* lua) {
  luaL_checkany(lua, 1);
  push_text(lua, 1);
  return 1;
}

/// Upvalue: Lua's own string.format, which would print addresses.
int format(lua_State* lua) {
  std::size_t length = 0;
  const char* const given = luaL_checklstring(lua, 1, &length);
  const int arguments = lua_gettop(lua);
  luaL_checkstack(lua, arguments + 10, "too many arguments");
  char* const changed = static_cast<char*>(lua_newuserdatauv(lua, length + 1, 0));
  std::memcpy(changed, given, length);
  int argument = 1;
  for (std::size_t i = 0; i < length; ++i) {
    if (changed[i] != '%') continue;
    if (++i < length && changed[i] == '%') continue;
    while (i < length && std::strchr("-+ #0123456789.", changed[i]) != nullptr && changed[i] != '\0') ++i;
    if (i >= length || ++argument > arguments) break;
    if (changed[i] == 'p') {
      const bool has_identity =
          lua_type(lua, argument) > LUA_TNUMBER && lua_type(lua, argument) != LUA_TSTRING;
      has_identity ? (void)lua_pushfstring(lua, "%I", LuaProcess::ordinal(lua, argument))
                   : (void)lua_pushliteral(lua, "(null)");
    } else if (changed[i] == 's') {
      push_text(lua, argument);
    } else {
      continue;
    }
    changed[i] = 's';
    lua_replace(lua, argument);
  }
  lua_settop(lua, arguments + 1);
  lua_pushlstring(lua, changed, length);
  lua_replace(lua, 1);
  lua_pop(lua, 1);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, arguments, 1);
  return 1;
}

/// Upvalue: Lua's own, which writes nothing for a very long time: (""):rep(1e18).
int rep(lua_State* lua) {
  std::size_t length = 0, between = 0;
  luaL_checklstring(lua, 1, &length);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  luaL_optlstring(lua, 3, "", &between);
  if (count <= 0 || length + between == 0) return lua_pushliteral(lua, ""), 1;
  LuaProcess::of(lua).instructions_left -= count / 8;
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 1);
  return 1;
}

// --- tables ----------------------------------------------------------------------------------------------------------

/// Upvalue: Lua's own function of a table, whose loops a __len of its own must not make endless.
int of_bounded_table(lua_State* lua) {
  luaL_checkany(lua, 1);
  if (lua_istable(lua, 1) && luaL_len(lua, 1) > kLongestTable) luaL_argerror(lua, 1, "the table is too long");
  for (int i = 2; i <= lua_gettop(lua); ++i) {
    if (lua_type(lua, i) == LUA_TNUMBER && std::abs(lua_tonumber(lua, i)) > 1e9)
      luaL_argerror(lua, i, "a position beyond any table");
  }
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

/// Whether what lies at `b` belongs before what lies at `a`: then they change places.
bool is_out_of_order(lua_State* lua, int a, int b) {
  if (lua_isnoneornil(lua, 2)) return lua_compare(lua, b, a, LUA_OPLT) != 0;
  lua_pushvalue(lua, 2);
  lua_pushvalue(lua, b);
  lua_pushvalue(lua, a);
  lua_call(lua, 2, 1);
  const bool result = lua_toboolean(lua, -1) != 0;
  lua_pop(lua, 1);
  return result;
}

/// Merges the runs [low, middle) and [middle, high) of the table at `from` into the one at `to`.
void merge(lua_State* lua, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high) {
  lua_Integer left = low, right = middle;
  for (lua_Integer i = low; i < high; ++i) {
    bool takes_right = left == middle;
    if (left < middle && right < high) {
      lua_rawgeti(lua, from, left);
      lua_rawgeti(lua, from, right);
      takes_right = is_out_of_order(lua, lua_gettop(lua) - 1, lua_gettop(lua));
      lua_pop(lua, 2);
    }
    lua_rawgeti(lua, from, takes_right ? right++ : left++);
    lua_rawseti(lua, to, i);
  }
}

/// table.sort: the same comparisons each time, and an end whatever they answer.
int sort(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (!lua_isnoneornil(lua, 2)) luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_settop(lua, 2);
  const lua_Integer count = luaL_len(lua, 1);
  if (count > kLongestTable) luaL_argerror(lua, 1, "the table is too long");
  lua_newtable(lua);
  lua_newtable(lua);
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_geti(lua, 1, i);
    lua_rawseti(lua, 3, i);
  }
  int from = 3, to = 4;
  for (lua_Integer width = 1; width < count; width *= 2, std::swap(from, to)) {
    LuaProcess::of(lua).instructions_left -= count;
    for (lua_Integer low = 1; low <= count; low += 2 * width) {
      merge(lua, from, to, low, std::min(low + width, count + 1), std::min(low + 2 * width, count + 1));
    }
  }
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(lua, from, i);
    lua_seti(lua, 1, i);
  }
  return 0;
}

// --- the rest --------------------------------------------------------------------------------------------------------

/// Upvalue: Lua's own; only text is loaded.
int load_text(lua_State* lua) {
  const int arguments = std::max(lua_gettop(lua), 3);
  if (lua_gettop(lua) < 3) lua_settop(lua, 3);
  lua_pushliteral(lua, "t");
  lua_replace(lua, 3);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, arguments, LUA_MULTRET);
  return lua_gettop(lua);
}

/// Upvalue: Lua's own.
int set_metatable(lua_State* lua) {
  if (lua_istable(lua, 2)) {
    for (const char* const name : {"__gc", "__mode"}) {
      lua_pushstring(lua, name);
      lua_rawget(lua, 2);
      if (!lua_isnil(lua, -1)) luaL_error(lua, "there is no %s here", name);
      lua_pop(lua, 1);
    }
  }
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, 1);
  return 1;
}

/// Upvalue: Lua's own, which without arguments would ask the clock.
int random_seed(lua_State* lua) {
  if (lua_gettop(lua) == 0) lua_pushinteger(lua, 1);
  const int arguments = lua_gettop(lua);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, arguments, 0);
  return 0;
}

/// Replaces `name` of the table on top by `function`, which has the old one as its upvalue.
void wrap(lua_State* lua, const char* name, lua_CFunction function) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, function, 1);
  lua_setfield(lua, -2, name);
}
void remove(lua_State* lua, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, name);
  }
}

void open_base(lua_State* lua) {
  luaL_requiref(lua, LUA_GNAME, luaopen_base, 1);
  remove(lua, {"collectgarbage", "dofile", "loadfile", "warn", "print"});
  wrap(lua, "load", load_text);
  wrap(lua, "setmetatable", set_metatable);
  constexpr luaL_Reg kOwn[] = {
      {"pairs", pairs}, {"next", next_key}, {"tostring", to_string}, {nullptr, nullptr}};
  luaL_setfuncs(lua, kOwn, 0);
  lua_pop(lua, 1);
}

}  // namespace

lua_Integer LuaProcess::ordinal(lua_State* lua, int index) {
  index = lua_absindex(lua, index);
  luaL_getsubtable(lua, LUA_REGISTRYINDEX, kOrdinals);
  lua_pushvalue(lua, index);
  if (lua_rawget(lua, -2) != LUA_TNUMBER) {
    lua_pop(lua, 1);
    lua_rawgeti(lua, -1, 0);  // how many there are
    const lua_Integer fresh = lua_tointeger(lua, -1) + 1;
    lua_pushinteger(lua, fresh);
    lua_rawseti(lua, -3, 0);
    lua_pushvalue(lua, index);
    lua_pushinteger(lua, fresh);
    lua_rawset(lua, -4);
    lua_pushinteger(lua, fresh);
    lua_replace(lua, -2);
  }
  const lua_Integer number = lua_tointeger(lua, -1);
  lua_pop(lua, 2);
  return number;
}

void open_lua_library(lua_State* lua) {
  open_base(lua);
  luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 1);
  remove(lua, {"dump"});
  wrap(lua, "format", format);
  wrap(lua, "rep", rep);
  lua_pop(lua, 1);
  luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 1);
  for (const char* const name : {"concat", "insert", "move", "remove", "unpack"})
    wrap(lua, name, of_bounded_table);
  wrap(lua, "sort", sort);
  lua_pop(lua, 1);
  luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 1);
  wrap(lua, "randomseed", random_seed);
  lua_getfield(lua, -1, "randomseed");
  lua_call(lua, 0, 0);
  lua_pop(lua, 1);
  luaL_requiref(lua, LUA_UTF8LIBNAME, luaopen_utf8, 1);
  luaL_requiref(lua, LUA_COLIBNAME, luaopen_coroutine, 1);
  lua_pop(lua, 2);
  lua_pushnil(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

}  // namespace stackscope
