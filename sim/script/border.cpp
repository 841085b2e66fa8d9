// Values across the border, and calls in both directions.

#include <array>
#include <fmt/format.h>
#include <limits>
#include <new>

#include "sim/script/evaluation.hpp"

namespace stackscope::script {
namespace {

using TablePointer = std::shared_ptr<const Table>;
using FunctionPointer = std::shared_ptr<const Function>;
constexpr const char* kTableType = "table";  // what Lua's messages call it
constexpr const char* kFunctionType = "stackscope.function";
constexpr int kMostNested = 8;
constexpr std::size_t kMostEntries = 1'000;

template <class T>
void push_object(lua_State* lua, T object, const char* type) {
  new (lua_newuserdatauv(lua, sizeof(T), 0)) T(std::move(object));
  luaL_setmetatable(lua, type);
}

template <class T>
int destroy_object(lua_State* lua) {
  static_cast<T*>(lua_touserdata(lua, 1))->~T();
  return 0;
}

/// Arguments of a call that an expression makes, and what a native function may do meanwhile.
class BorderCall : public Call {
 public:
  BorderCall(lua_State* lua, std::span<const Value> given) : Call(given), lua_(lua) {}

  Value invoke(const ScriptFunction& function, const Value& argument) override {
    if (!lua_checkstack(lua_, LUA_MINSTACK)) throw ScriptFailure("recursion is too deep", Fault::kLimit);
    Evaluation& evaluation = Evaluation::of(lua_);
    lua_pushvalue(lua_, function.stack_index);
    push(lua_, argument);
    if (evaluation.protected_call(1, 1) != LUA_OK) throw ScriptFailure(evaluation.take_failure());
    Value result = value_at(lua_, -1);
    lua_pop(lua_, 1);
    return result;
  }

  void spend(std::int64_t steps) override {
    Budget& budget = Evaluation::of(lua_).budget();
    budget.instructions -= steps;
    if (budget.is_spent()) throw ScriptFailure("took too many instructions", Fault::kLimit);
  }

  void observe(std::string name, Value value) override {
    Evaluation::of(lua_).observe(std::move(name), std::move(value));
  }

 private:
  lua_State* lua_;
};

int call_native(lua_State* lua) {
  const auto& function = *static_cast<FunctionPointer*>(lua_touserdata(lua, lua_upvalueindex(1)));
  std::vector<Value> arguments;
  for (int i = 1; i <= lua_gettop(lua); ++i) arguments.push_back(value_at(lua, i));
  BorderCall call{lua, arguments};
  call.spend(10);
  const Value result = (*function)(call);
  if (!lua_checkstack(lua, LUA_MINSTACK)) throw ScriptFailure("recursion is too deep", Fault::kLimit);
  push(lua, result);
  return 1;
}

bool is_scalar(const Value& value) { return !value.table() && value.is.index() <= 4; }

/// `t.mean`, `t["mean"]`, `t[3]`.
std::string key_at(lua_State* lua, int index) {
  if (lua_type(lua, index) == LUA_TSTRING) return lua_tostring(lua, index);
  int whole = 0;
  const lua_Integer number = lua_tointegerx(lua, index, &whole);
  if (whole) return fmt::format("{}", number);
  throw ScriptFailure(
      fmt::format("a field's name is a string or a whole number, not a {}", luaL_typename(lua, index)));
}

int index_table(lua_State* lua) {
  const auto& table = *static_cast<TablePointer*>(luaL_testudata(lua, 1, kTableType));
  const std::string key = key_at(lua, 2);
  Value value;
  try {
    value = table->field(key);
  } catch (ScriptFailure& failure) {
    failure.error = Evaluation::of(lua).placed_at_field(key, std::move(failure.error));
    throw;
  }
  if (table->observed && is_scalar(value)) {
    const bool number = lua_type(lua, 2) != LUA_TSTRING;
    Evaluation::of(lua).observe(
        number ? fmt::format("{}[{}]", table->path, key) : fmt::format("{}.{}", table->path, key), value);
  }
  push(lua, value);
  return 1;
}

int length_of_table(lua_State* lua) {
  const auto& table = *static_cast<TablePointer*>(luaL_testudata(lua, 1, kTableType));
  lua_pushinteger(lua, static_cast<lua_Integer>(table->fields.size()));
  return 1;
}

int refuse_write(lua_State* lua) {
  const auto& table = *static_cast<TablePointer*>(luaL_testudata(lua, 1, kTableType));
  throw ScriptFailure(fmt::format("{} cannot be changed", table->path));
}

Value table_at(lua_State* lua, int index, int depth);

Value value_at(lua_State* lua, int index, int depth) {
  switch (lua_type(lua, index)) {
    case LUA_TNIL:
    case LUA_TNONE:
      return {};
    case LUA_TBOOLEAN:
      return Value(lua_toboolean(lua, index) != 0);
    case LUA_TNUMBER:
      if (lua_isinteger(lua, index)) return Value(static_cast<std::int64_t>(lua_tointeger(lua, index)));
      return Value(static_cast<double>(lua_tonumber(lua, index)));
    case LUA_TSTRING: {
      std::size_t length = 0;
      const char* text = lua_tolstring(lua, index, &length);
      return Value(std::string(text, length));
    }
    case LUA_TFUNCTION:
      return Value(ScriptFunction{lua_absindex(lua, index)});
    case LUA_TTABLE:
      return table_at(lua, lua_absindex(lua, index), depth);
    default:
      if (const void* held = luaL_testudata(lua, index, kTableType)) {
        return Value(*static_cast<const TablePointer*>(held));
      }
      throw ScriptFailure("a value of this type cannot be used here");
  }
}

/// A table written in the expression. The order in which Lua walks it does not matter: it ends up sorted.
Value table_at(lua_State* lua, int index, int depth) {
  if (depth >= kMostNested) throw ScriptFailure("tables are nested too deeply", Fault::kLimit);
  if (!lua_checkstack(lua, LUA_MINSTACK)) throw ScriptFailure("tables are nested too deeply", Fault::kLimit);
  Table table{"the table", {}, {}, false};
  for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
    if (table.fields.size() >= kMostEntries) throw ScriptFailure("a table is too large", Fault::kLimit);
    table.fields.emplace(key_at(lua, -2), value_at(lua, -1, depth + 1));
  }
  return Value(std::move(table));
}

}  // namespace

Value value_at(lua_State* lua, int index) { return value_at(lua, index, 0); }

void push(lua_State* lua, const Value& value) {
  struct Push {
    lua_State* lua;
    void operator()(Nil) const { lua_pushnil(lua); }
    void operator()(bool flag) const { lua_pushboolean(lua, flag); }
    void operator()(std::int64_t number) const { lua_pushinteger(lua, number); }
    void operator()(double number) const { lua_pushnumber(lua, number); }
    void operator()(const std::string& text) const { lua_pushlstring(lua, text.data(), text.size()); }
    void operator()(const TablePointer& table) const { push_object(lua, table, kTableType); }
    void operator()(const FunctionPointer& function) const {
      push_object(lua, function, kFunctionType);
      lua_pushcclosure(lua, border<call_native>, 1);
    }
    void operator()(ScriptFunction function) const { lua_pushvalue(lua, function.stack_index); }
  };
  std::visit(Push{lua}, value.is);
}

int guarded(lua_State* lua, int (*body)(lua_State*)) noexcept {
  Evaluation& evaluation = Evaluation::of(lua);
  const bool was_lifted = std::exchange(evaluation.budget().is_lifted, true);
  int results = -1;
  try {
    results = body(lua);
  } catch (const ScriptFailure& failure) {
    evaluation.keep(failure.error);
  } catch (const std::exception& other) {
    evaluation.keep({Fault::kRuntime, other.what(), 0, 0});
  }
  if (results < 0) lua_settop(lua, 0);
  evaluation.budget().is_lifted = was_lifted;
  return results;
}

void open_border(lua_State* lua) {
  luaL_newmetatable(lua, kFunctionType);
  lua_pushcfunction(lua, destroy_object<FunctionPointer>);
  lua_setfield(lua, -2, "__gc");
  luaL_newmetatable(lua, kTableType);
  constexpr std::array<luaL_Reg, 5> kMethods{{{"__index", border<index_table>},
                                              {"__newindex", border<refuse_write>},
                                              {"__len", border<length_of_table>},
                                              {"__gc", destroy_object<TablePointer>},
                                              {nullptr, nullptr}}};
  luaL_setfuncs(lua, kMethods.data(), 0);
  lua_pop(lua, 2);
}

}  // namespace stackscope::script
