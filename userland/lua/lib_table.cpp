// The table library: its loops pay for each element, and sort() is our own.

#include <climits>
#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

/// liblua's rule: a table, or what behaves like one.
void check_list(lua_State* lua, int index, std::initializer_list<const char*> needed) {
  if (lua_type(lua, index) == LUA_TTABLE) return;
  bool is_like = lua_getmetatable(lua, index) != 0;
  for (const char* name : needed) {
    if (!is_like) break;
    lua_pushstring(lua, name);
    is_like = lua_rawget(lua, -2) != LUA_TNIL;
    lua_pop(lua, 1);
  }
  if (!is_like) luaL_checktype(lua, index, LUA_TTABLE);
  lua_pop(lua, 1);
}

lua_Integer length_of(lua_State* lua, int index) {
  check_list(lua, index, {"__index", "__newindex", "__len"});
  return luaL_len(lua, index);
}

void move_one(lua_State* lua, int from, lua_Integer i, int to, lua_Integer j) {
  Process::spend(lua, 1);
  lua_geti(lua, from, i);
  lua_seti(lua, to, j);
}

int insert(lua_State* lua) {
  const auto end = static_cast<lua_Integer>(static_cast<lua_Unsigned>(length_of(lua, 1)) + 1);
  lua_Integer at = end;
  if (lua_gettop(lua) == 3) {
    at = luaL_checkinteger(lua, 2);
    const bool is_inside = static_cast<lua_Unsigned>(at) - 1 < static_cast<lua_Unsigned>(end);
    luaL_argcheck(lua, is_inside, 2, "position out of bounds");
    for (lua_Integer i = end; i > at; --i) move_one(lua, 1, i - 1, 1, i);
  } else if (lua_gettop(lua) != 2) {
    return luaL_error(lua, "wrong number of arguments to 'insert'");
  }
  lua_seti(lua, 1, at);
  return 0;
}

int remove(lua_State* lua) {
  const lua_Integer size = length_of(lua, 1);
  lua_Integer at = luaL_optinteger(lua, 2, size);
  const bool is_inside = static_cast<lua_Unsigned>(at) - 1 <= static_cast<lua_Unsigned>(size);
  luaL_argcheck(lua, at == size || is_inside, 2, "position out of bounds");
  lua_geti(lua, 1, at);
  for (; at < size; ++at) move_one(lua, 1, at + 1, 1, at);
  lua_pushnil(lua);
  lua_seti(lua, 1, at);
  return 1;
}

int move(lua_State* lua) {
  const lua_Integer first = luaL_checkinteger(lua, 2), last = luaL_checkinteger(lua, 3);
  const lua_Integer target = luaL_checkinteger(lua, 4);
  const int to = lua_isnoneornil(lua, 5) ? 1 : 5;
  check_list(lua, 1, {"__index"});
  check_list(lua, to, {"__newindex"});
  if (last >= first) {
    luaL_argcheck(lua, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    const lua_Integer count = last - first + 1;
    luaL_argcheck(lua, target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    const bool is_apart = target > last || target <= first || (to != 1 && !lua_compare(lua, 1, to, LUA_OPEQ));
    for (lua_Integer i = 0; i < count; ++i) {
      const lua_Integer at = is_apart ? i : count - 1 - i;
      move_one(lua, 1, first + at, to, target + at);
    }
  }
  lua_pushvalue(lua, to);
  return 1;
}

void add_field(lua_State* lua, luaL_Buffer* to, lua_Integer i) {
  Process::spend(lua, 1);
  lua_geti(lua, 1, i);
  if (!lua_isstring(lua, -1)) {
    luaL_error(lua, "invalid value (at index %I) in table for 'concat'", static_cast<LUAI_UACINT>(i));
  }
  luaL_addvalue(to);
}

int concat(lua_State* lua) {
  const lua_Integer size = length_of(lua, 1);
  std::size_t length = 0;
  const char* const separator = luaL_optlstring(lua, 2, "", &length);
  lua_Integer i = luaL_optinteger(lua, 3, 1);
  const lua_Integer last = luaL_optinteger(lua, 4, size);
  luaL_Buffer to;
  luaL_buffinit(lua, &to);
  for (; i < last; ++i) {
    add_field(lua, &to, i);
    luaL_addlstring(&to, separator, length);
  }
  if (i == last) add_field(lua, &to, i);
  luaL_pushresult(&to);
  return 1;
}

int unpack(lua_State* lua) {
  const lua_Integer first = luaL_optinteger(lua, 2, 1);
  const lua_Integer last = luaL_opt(lua, luaL_checkinteger, 3, luaL_len(lua, 1));
  if (first > last) return 0;
  const lua_Unsigned count = static_cast<lua_Unsigned>(last) - static_cast<lua_Unsigned>(first) + 1;
  if (count == 0 || count >= INT_MAX || !lua_checkstack(lua, static_cast<int>(count))) {
    return luaL_error(lua, "too many results to unpack");
  }
  Process::spend(lua, static_cast<std::int64_t>(count));
  for (lua_Unsigned i = 0; i < count; ++i) lua_geti(lua, 1, first + static_cast<lua_Integer>(i));
  return static_cast<int>(count);
}

// --- sort: a merge sort of a copy, so that no order function can lead it astray ----------------------------------------

constexpr int kOrder = 2, kFrom = 3, kTo = 4;  // on the stack

/// Whether the value at `a` comes before that at `b`, both on top.
bool comes_before(lua_State* lua) {
  bool is_before = false;
  if (lua_isnil(lua, kOrder)) {
    is_before = lua_compare(lua, -2, -1, LUA_OPLT) != 0;
  } else {
    lua_pushvalue(lua, kOrder);
    lua_pushvalue(lua, -3);
    lua_pushvalue(lua, -3);
    lua_call(lua, 2, 1);
    is_before = lua_toboolean(lua, -1) != 0;
    lua_pop(lua, 1);
  }
  lua_pop(lua, 2);
  return is_before;
}

void take(lua_State* lua, lua_Integer from, lua_Integer to) {
  lua_rawgeti(lua, kFrom, from);
  lua_rawseti(lua, kTo, to);
}

/// Merges [begin, middle) and [middle, end) of kFrom into kTo. Of equals, the first stays first.
void merge(lua_State* lua, lua_Integer begin, lua_Integer middle, lua_Integer end) {
  lua_Integer left = begin, right = middle;
  for (lua_Integer to = begin; to < end; ++to) {
    Process::spend(lua, 1);
    bool takes_right = left == middle;
    if (!takes_right && right < end) {
      lua_rawgeti(lua, kFrom, right);
      lua_rawgeti(lua, kFrom, left);
      takes_right = comes_before(lua);
    }
    take(lua, takes_right ? right++ : left++, to);
  }
}

int sort(lua_State* lua) {
  const lua_Integer size = length_of(lua, 1);
  if (size <= 1) return 0;
  luaL_argcheck(lua, size < INT_MAX, 1, "array too big");
  if (!lua_isnoneornil(lua, 2)) luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_settop(lua, 2);
  Process::spend(lua, size);
  lua_createtable(lua, static_cast<int>(size), 0);
  lua_createtable(lua, static_cast<int>(size), 0);
  for (lua_Integer i = 1; i <= size; ++i) lua_geti(lua, 1, i), lua_rawseti(lua, kFrom, i);
  for (lua_Integer width = 1; width < size; width *= 2) {
    for (lua_Integer begin = 1; begin <= size; begin += 2 * width) {
      merge(lua, begin, std::min(begin + width, size + 1), std::min(begin + 2 * width, size + 1));
    }
    lua_insert(lua, kFrom);  // the two change places
  }
  for (lua_Integer i = 1; i <= size; ++i) lua_rawgeti(lua, kFrom, i), lua_seti(lua, 1, i);
  return 0;
}

constexpr luaL_Reg kOwn[] = {{"insert", &insert}, {"remove", &remove}, {"move", &move},   {"concat", &concat},
                             {"unpack", &unpack}, {"sort", &sort},     {nullptr, nullptr}};

}  // namespace

void open_tables(lua_State* lua) { luaL_setfuncs(lua, kOwn, 0); }

}  // namespace stackscope::lua
