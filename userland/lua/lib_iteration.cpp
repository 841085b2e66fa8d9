// pairs() and next() in an order that no address decides: numbers ascending, strings ascending, false, true.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

/// A key by value. A string's bytes stay where they are while the table holds it, and nothing here runs other code.
struct Key {
  enum class Kind : std::uint8_t { kInteger, kReal, kString, kBoolean } kind;
  union {
    lua_Integer integer;
    lua_Number real;
    const char* bytes;
    bool flag;
  };
  std::size_t length;

  int rank() const { return kind == Kind::kString ? 1 : kind == Kind::kBoolean ? 2 : 0; }
};

/// Exact, where a conversion would round.
bool is_less(lua_Integer a, lua_Number b) {
  if (b >= -static_cast<lua_Number>(LUA_MININTEGER)) return true;
  return b > static_cast<lua_Number>(LUA_MININTEGER) && a < static_cast<lua_Integer>(std::ceil(b));
}
bool is_less(lua_Number a, lua_Integer b) {
  if (a >= -static_cast<lua_Number>(LUA_MININTEGER)) return false;
  return a < static_cast<lua_Number>(LUA_MININTEGER) || static_cast<lua_Integer>(std::floor(a)) < b;
}

bool is_less_number(const Key& a, const Key& b) {
  if (a.kind == Key::Kind::kInteger) {
    return b.kind == Key::Kind::kInteger ? a.integer < b.integer : is_less(a.integer, b.real);
  }
  return b.kind == Key::Kind::kInteger ? is_less(a.real, b.integer) : a.real < b.real;
}

bool is_less_key(const Key& a, const Key& b) {
  if (a.rank() != b.rank()) return a.rank() < b.rank();
  if (a.kind == Key::Kind::kBoolean) return a.flag < b.flag;
  if (a.kind != Key::Kind::kString) return is_less_number(a, b);
  const int order = std::memcmp(a.bytes, b.bytes, std::min(a.length, b.length));
  return order != 0 ? order < 0 : a.length < b.length;
}

/// Whether keys of its type have an order.
bool has_order(int type) { return type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN; }

/// The value at `index` as a key; raises where keys of its type have no order.
Key key_at(lua_State* lua, int index) {
  Key key{};
  switch (lua_type(lua, index)) {
    case LUA_TNUMBER:
      key.kind = lua_isinteger(lua, index) ? Key::Kind::kInteger : Key::Kind::kReal;
      if (key.kind == Key::Kind::kInteger) key.integer = lua_tointeger(lua, index);
      if (key.kind == Key::Kind::kReal) key.real = lua_tonumber(lua, index);
      break;
    case LUA_TSTRING:
      key.kind = Key::Kind::kString;
      key.bytes = lua_tolstring(lua, index, &key.length);
      break;
    case LUA_TBOOLEAN:
      key.kind = Key::Kind::kBoolean;
      key.flag = lua_toboolean(lua, index) != 0;
      break;
    default:
      luaL_error(
          lua,
          "only keys that are numbers, strings or booleans have a definite order: keep a list of the others");
  }
  return key;
}

void push_key(lua_State* lua, const Key& key) {
  if (key.kind == Key::Kind::kInteger) lua_pushinteger(lua, key.integer);
  if (key.kind == Key::Kind::kReal) lua_pushnumber(lua, key.real);
  if (key.kind == Key::Kind::kString) lua_pushlstring(lua, key.bytes, key.length);
  if (key.kind == Key::Kind::kBoolean) lua_pushboolean(lua, key.flag);
}

/// The first key after that at index 2, or the first of all.
int next(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 2);
  const bool is_first = lua_isnil(lua, 2);
  const Key after = is_first ? Key{} : key_at(lua, 2);
  bool is_found = false;
  Key found{};
  std::int64_t looked_at = 1;
  for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1), ++looked_at) {
    const Key key = key_at(lua, 3);
    const bool is_later = is_first || is_less_key(after, key);
    if (is_later && (!is_found || is_less_key(key, found))) found = key, is_found = true;
  }
  Process::spend(lua, looked_at);
  if (!is_found) return lua_pushnil(lua), 1;
  push_key(lua, found);
  lua_pushvalue(lua, -1);
  lua_rawget(lua, 1);
  return 2;
}

/// Upvalues: a list of keys, and how many of them were given. Fields that are gone by now are left out.
int next_of_list(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_Integer at = lua_tointeger(lua, lua_upvalueindex(2));
  for (;;) {
    const int type = lua_rawgeti(lua, lua_upvalueindex(1), ++at);
    lua_pushinteger(lua, at);
    lua_replace(lua, lua_upvalueindex(2));
    if (type == LUA_TNIL) return 1;
    lua_pushvalue(lua, -1);
    if (lua_rawget(lua, 1) != LUA_TNIL) return 2;
    lua_pop(lua, 2);
    Process::spend(lua, 1);
  }
}

std::size_t count_keys(lua_State* lua, int table) {
  std::size_t count = 0;
  for (lua_pushnil(lua); lua_next(lua, table) != 0; lua_pop(lua, 1)) ++count;
  return count;
}

/// Pushes a list of the table's keys in order; keys without one come last, or raise.
void push_sorted_keys(lua_State* lua, int table, bool takes_others) {
  const std::size_t count = count_keys(lua, table);
  Process::spend(lua, static_cast<std::int64_t>(count) * 8);
  lua_createtable(lua, static_cast<int>(count), 0);
  auto* keys = static_cast<Key*>(lua_newuserdatauv(lua, (count + 1) * sizeof(Key), 0));
  const int list = lua_gettop(lua) - 1;
  std::size_t filled = 0;
  auto last = static_cast<lua_Integer>(count);
  for (lua_pushnil(lua); lua_next(lua, table) != 0; lua_pop(lua, 1)) {
    if (takes_others && !has_order(lua_type(lua, -2))) {
      lua_pushvalue(lua, -2);
      lua_rawseti(lua, list, last--);
    } else {
      keys[filled++] = key_at(lua, lua_gettop(lua) - 1);
    }
  }
  std::sort(keys, keys + filled, is_less_key);
  for (std::size_t i = 0; i < filled; ++i) {
    push_key(lua, keys[i]);
    lua_rawseti(lua, list, static_cast<lua_Integer>(i) + 1);
  }
  lua_pop(lua, 1);
}

int continue_pairs(lua_State*, int, lua_KContext) { return 3; }

int pairs(lua_State* lua) {
  luaL_checkany(lua, 1);
  if (luaL_getmetafield(lua, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(lua, 1);
    lua_callk(lua, 1, 3, 0, &continue_pairs);
    return 3;
  }
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 1);
  push_sorted_keys(lua, 1, false);
  lua_pushinteger(lua, 0);
  lua_pushcclosure(lua, &next_of_list, 2);
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

}  // namespace

void push_keys(lua_State* lua, int table) { push_sorted_keys(lua, table, true); }

void open_iteration(lua_State* lua) {
  lua_pushcfunction(lua, &next);
  lua_setfield(lua, -2, "next");
  lua_pushcfunction(lua, &pairs);
  lua_setfield(lua, -2, "pairs");
}

}  // namespace stackscope::lua
