// What an expression finds before it asks the resolver.

#include <array>
#include <cmath>
#include <fmt/format.h>

#include "sim/script/evaluation.hpp"

namespace stackscope::script {
namespace {

constexpr const char* kBuiltins = "stackscope.builtins";

// --- raw Lua frames: no C++ objects, may raise ---

/// The C library's strcoll and Lua's own string.rep are the only loops in C that a short text can make long;
/// `(""):rep(1e18)` writes nothing for a very long time, so this one is ours.
int string_rep(lua_State* lua) {
  std::size_t length = 0;
  const char* text = luaL_checklstring(lua, 1, &length);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  const auto most = static_cast<lua_Integer>(Evaluation::of(lua).budget().limits.string_bytes);
  if (count <= 0 || length == 0) return lua_pushliteral(lua, ""), 1;
  if (count > most / static_cast<lua_Integer>(length))
    return luaL_error(lua, "the resulting string is too long");
  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  for (lua_Integer i = 0; i < count; ++i) luaL_addlstring(&buffer, text, length);
  luaL_pushresult(&buffer);
  return 1;
}

/// One byte, where Lua's own may push all of a string's for a single instruction.
int string_byte(lua_State* lua) {
  std::size_t length = 0;
  const char* text = luaL_checklstring(lua, 1, &length);
  lua_Integer position = luaL_optinteger(lua, 2, 1);
  if (position < 0) position += static_cast<lua_Integer>(length) + 1;
  if (position < 1 || position > static_cast<lua_Integer>(length)) return luaL_error(lua, "no such byte");
  lua_pushinteger(lua, static_cast<unsigned char>(text[position - 1]));
  return 1;
}

/// Upvalue: Lua's own string.format, whose %p and %s would print addresses.
int string_format(lua_State* lua) {
  for (const char* at = luaL_checkstring(lua, 1); *at; ++at) {
    if (*at != '%' || *++at == '%') continue;
    while (*at && std::char_traits<char>::find("-+ #0123456789.", 15, *at)) ++at;
    if (*at == 'p') return luaL_error(lua, "an expression sees no addresses (%%p)");
    if (!*at) break;
  }
  const int arguments = lua_gettop(lua);
  for (int i = 2; i <= arguments; ++i) {
    const int type = lua_type(lua, i);
    if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN && type != LUA_TNIL) {
      return luaL_error(lua, "argument %d cannot be formatted: it is a %s", i, luaL_typename(lua, i));
    }
  }
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, arguments, 1);
  return 1;
}

int type_of(lua_State* lua) {
  luaL_checkany(lua, 1);
  lua_pushstring(lua, lua_isuserdata(lua, 1) ? "table" : luaL_typename(lua, 1));
  return 1;
}

int to_string(lua_State* lua) {
  luaL_checkany(lua, 1);
  switch (lua_type(lua, 1)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
      luaL_tolstring(lua, 1, nullptr);
      return 1;
    default:
      return type_of(lua);  // an address would differ from run to run
  }
}

int between(lua_State* lua) {
  for (int i = 1; i <= 3; ++i) luaL_checknumber(lua, i);
  lua_pushboolean(lua, lua_compare(lua, 2, 1, LUA_OPLE) && lua_compare(lua, 1, 3, LUA_OPLE));
  return 1;
}

/// C++: replaces each table among the arguments by its values.
int expand_tables(lua_State* lua) {
  const int arguments = lua_gettop(lua);
  for (int i = 1; i <= arguments; ++i, lua_remove(lua, 1)) {
    const Value given = value_at(lua, 1);
    const Table* table = given.table();
    const int needed = table ? static_cast<int>(table->fields.size()) : 1;
    if (!lua_checkstack(lua, needed + LUA_MINSTACK)) throw ScriptFailure("too many values", Fault::kLimit);
    if (table) {
      for (const auto& [name, value] : table->fields) push(lua, value);
    } else {
      lua_pushvalue(lua, 1);
    }
  }
  return 0;
}

void take_numbers(lua_State* lua) {
  if (guarded(lua, expand_tables) < 0) {
    lua_pushnil(lua);
    lua_error(lua);
  }
  luaL_argcheck(lua, lua_gettop(lua) > 0, 1, "no numbers");
  Evaluation::of(lua).budget().instructions -= lua_gettop(lua);
  for (int i = 1; i <= lua_gettop(lua); ++i) {
    if (lua_type(lua, i) != LUA_TNUMBER) luaL_error(lua, "numbers expected, not a %s", luaL_typename(lua, i));
  }
}

template <bool Greatest>
int extremum(lua_State* lua) {
  take_numbers(lua);
  int best = 1;
  for (int i = 2; i <= lua_gettop(lua); ++i) {
    if (Greatest ? lua_compare(lua, best, i, LUA_OPLT) : lua_compare(lua, i, best, LUA_OPLT)) best = i;
  }
  lua_pushvalue(lua, best);
  return 1;
}

int sum(lua_State* lua) {
  take_numbers(lua);
  while (lua_gettop(lua) > 1) lua_arith(lua, LUA_OPADD);
  return 1;
}

// --- C++, behind the border ---

/// Upvalue: how many of the small unit the large one holds.
int scaled(lua_State* lua) {
  const lua_Integer factor = lua_tointeger(lua, lua_upvalueindex(1));
  if (lua_type(lua, 1) != LUA_TNUMBER) throw ScriptFailure("a unit needs a number: ms(5)");
  lua_Integer result = 0;
  if (lua_isinteger(lua, 1)) {
    const bool overflows = __builtin_mul_overflow(lua_tointeger(lua, 1), factor, &result);
    if (overflows) throw ScriptFailure("the quantity is too large");
  } else {
    const double exact = std::round(lua_tonumber(lua, 1) * static_cast<double>(factor));
    if (!(std::fabs(exact) < 9.2e18)) throw ScriptFailure("the quantity is too large");
    result = static_cast<lua_Integer>(exact);
  }
  lua_pushinteger(lua, result);
  return 1;
}

Function percentile_named(std::string name) {
  return [name](Call& call) -> Value {
    const Table& table = call.table(0);
    Value value = table.field(name);
    if (table.observed) call.observe(fmt::format("{}.{}", table.path, name), value);
    return value;
  };
}

/// Upvalues: the library's name.
int missing_in_library(lua_State* lua) {
  const char* library = lua_tostring(lua, lua_upvalueindex(1));
  const char* wanted = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  throw ScriptFailure(fmt::format("no `{}` in {}", wanted, library), Fault::kName);
}

int index_environment(lua_State* lua) {
  lua_getfield(lua, LUA_REGISTRYINDEX, kBuiltins);
  lua_pushvalue(lua, 2);
  if (lua_rawget(lua, -2) != LUA_TNIL) return 1;
  const std::string name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  const Value value = Evaluation::of(lua).resolve(name);
  const bool is_number = value.get_if<std::int64_t>() || value.get_if<double>();
  if (is_number || value.get_if<bool>()) Evaluation::of(lua).observe(name, value);
  push(lua, value);
  return 1;
}

int refuse_global(lua_State* lua) {
  const char* name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
  throw ScriptFailure(fmt::format("an expression changes nothing: `{}` is not a local", name));
}

// --- putting it together; limits are lifted, nothing raises ---

/// Copies the named members of the table on top into the table below it, and takes the former away.
template <std::size_t N>
void pick(lua_State* lua, const std::array<const char*, N>& names) {
  for (const char* name : names) {
    lua_getfield(lua, -1, name);
    lua_setfield(lua, -3, name);
  }
  lua_pop(lua, 1);
}

/// Makes the table on top strict and puts it among the built-ins, which stand below it.
void finish_library(lua_State* lua, const char* name) {
  lua_newtable(lua);
  lua_pushstring(lua, name);
  lua_pushcclosure(lua, border<missing_in_library>, 1);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_setfield(lua, -2, name);
}

void add_math(lua_State* lua) {
  lua_newtable(lua);
  luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 0);
  constexpr std::array kExact{"abs",        "ceil", "floor", "fmod", "huge",      "max",  "maxinteger", "min",
                              "mininteger", "modf", "pi",    "sqrt", "tointeger", "type", "ult"};
  pick(lua, kExact);
  lua_getfield(lua, -1, "abs");
  lua_setfield(lua, -3, "abs");
  finish_library(lua, "math");
}

void add_string(lua_State* lua) {
  lua_newtable(lua);
  luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 0);
  lua_getfield(lua, -1, "format");
  lua_pushcclosure(lua, string_format, 1);
  lua_setfield(lua, -3, "format");
  constexpr std::array kBounded{"char", "len", "lower", "reverse", "sub", "upper"};
  pick(lua, kBounded);
  lua_pushcfunction(lua, string_rep);
  lua_setfield(lua, -2, "rep");
  lua_pushcfunction(lua, string_byte);
  lua_setfield(lua, -2, "byte");
  lua_pushliteral(lua, "");  // strings of this state share one metatable: replace the library's
  lua_newtable(lua);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
  finish_library(lua, "string");
}

void add_units(lua_State* lua) {
  constexpr std::array<std::pair<const char*, lua_Integer>, 6> kUnits{{{"ns", 1},
                                                                       {"us", 1'000},
                                                                       {"ms", 1'000'000},
                                                                       {"s", 1'000'000'000},
                                                                       {"KiB", 1 << 10},
                                                                       {"MiB", 1 << 20}}};
  for (const auto& [name, factor] : kUnits) {
    lua_pushinteger(lua, factor);
    lua_pushcclosure(lua, border<scaled>, 1);
    lua_setfield(lua, -2, name);
  }
}

void add_functions(lua_State* lua) {
  luaL_requiref(lua, LUA_GNAME, luaopen_base, 0);
  pick(lua, std::array{"ipairs", "select", "tonumber"});
  constexpr std::array<luaL_Reg, 7> kOwn{{{"between", between},
                                          {"min", extremum<false>},
                                          {"max", extremum<true>},
                                          {"sum", sum},
                                          {"tostring", to_string},
                                          {"type", type_of},
                                          {nullptr, nullptr}}};
  luaL_setfuncs(lua, kOwn.data(), 0);
  for (const char* name : {"p50", "p90", "p99"}) {
    push(lua, Value(percentile_named(name)));
    lua_setfield(lua, -2, name);
  }
}

}  // namespace

void open_builtins(lua_State* lua) {
  open_border(lua);
  lua_newtable(lua);  // the environment: empty, so that every name is asked for
  lua_newtable(lua);
  lua_pushcfunction(lua, border<index_environment>);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, border<refuse_global>);
  lua_setfield(lua, -2, "__newindex");
  lua_setmetatable(lua, -2);
  lua_newtable(lua);
  add_functions(lua);
  add_units(lua);
  add_math(lua);
  add_string(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, kBuiltins);
}

}  // namespace stackscope::script
