#include "userland/lua/fork_copy.hpp"

#include <cstring>
#include <utility>

#include "userland/lua/libraries.hpp"
#include "userland/lua/texts.hpp"

namespace stackscope::lua {
namespace {

// On both stacks, from `base_` on. Here: which objects were found, where, and which upvalues. There: their copies.
constexpr int kSeen = 0, kObjects = 1, kPaths = 2, kUpvalues = 3;
constexpr int kUpvaluesAFunction = 256;

/// Copies by number: an object is created when it is first reached, and filled when its turn comes. Nothing recurses, so
/// that long lists are no danger to the C stack. Plain data: errors of both states jump over it.
///
/// Invariant: the copy of object n lies at index n of the list in `to_`.
class ForkCopy {
 public:
  ForkCopy(lua_State* from, lua_State* to) : from_(from), to_(to), base_(lua_gettop(from) + 1) {}

  void run() {
    const int values = base_ - 1;
    prepare();
    for (int i = 1; i <= values; ++i) copy(i, "argument");
    copy_string_library();
    for (lua_Integer n = 1; n <= count_; ++n) fill(n);
    lua_remove(to_, 1);
    lua_settop(from_, values);
  }

 private:
  void prepare() {
    luaL_checkstack(from_, 20, "fork");
    for (int i = 0; i < 4; ++i) lua_newtable(from_);
    luaL_checkstack(to_, base_ + 20, "fork");
    lua_newtable(to_);  // the copies, at 1
    lua_pushglobaltable(from_);
    globals_ = lua_topointer(from_, -1);
    lua_pop(from_, 1);
  }

  /// Strings have a metatable of their own, which belongs to the state.
  void copy_string_library() {
    lua_pushliteral(from_, "");
    lua_pushliteral(to_, "");
    if (lua_getmetatable(from_, -1) != 0) {
      copy(lua_gettop(from_), "(string library)");
      lua_setmetatable(to_, -2);
      lua_pop(from_, 1);
    }
    lua_pop(from_, 1);
    lua_pop(to_, 1);
  }

  /// Pushes on `to_` the copy of the value at `index` of `from_`, which stays.
  void copy(int index, const char* label) {
    switch (lua_type(from_, index)) {
      case LUA_TNIL:
        return lua_pushnil(to_);
      case LUA_TBOOLEAN:
        return lua_pushboolean(to_, lua_toboolean(from_, index));
      case LUA_TLIGHTUSERDATA:
        return lua_pushlightuserdata(to_, lua_touserdata(from_, index));
      case LUA_TNUMBER:
        return lua_isinteger(from_, index) ? lua_pushinteger(to_, lua_tointeger(from_, index))
                                           : lua_pushnumber(to_, lua_tonumber(from_, index));
      case LUA_TSTRING:
        return copy_string(index);
      default:
        return copy_object(lua_absindex(from_, index), label);
    }
  }

  void copy_string(int index) {
    std::size_t length = 0;
    const char* const text = lua_tolstring(from_, index, &length);
    lua_pushlstring(to_, text, length);
    if (const lua_Integer ordinal = known_ordinal(from_, index)) set_ordinal(to_, -1, ordinal);
  }

  void copy_object(int index, const char* label) {
    lua_pushvalue(from_, index);
    lua_rawget(from_, base_ + kSeen);
    const lua_Integer known = lua_tointeger(from_, -1);
    lua_pop(from_, 1);
    if (known != 0) {
      lua_rawgeti(to_, 1, known);
      return;
    }
    create(index, label);
    note(index, label);
  }

  /// Gives the object at `index` its number; its copy lies on top of `to_`.
  void note(int index, const char* label) {
    Process::spend(from_, 4);
    ++count_;
    lua_pushvalue(from_, index);
    lua_pushinteger(from_, count_);
    lua_rawset(from_, base_ + kSeen);
    lua_pushvalue(from_, index);
    lua_rawseti(from_, base_ + kObjects, count_);
    push_path(label);
    lua_rawseti(from_, base_ + kPaths, count_);
    lua_pushvalue(to_, -1);
    lua_rawseti(to_, 1, count_);
    if (lua_topointer(from_, index) == globals_) {
      lua_pushvalue(to_, -1);
      lua_rawseti(to_, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    }
    if (const lua_Integer ordinal = known_ordinal(from_, index)) set_ordinal(to_, -1, ordinal);
  }

  /// "workers.first": by which way the object was reached. Long ways are cut.
  void push_path(const char* label) {
    if (filling_ == 0) {
      lua_pushstring(from_, label);
      return;
    }
    lua_rawgeti(from_, base_ + kPaths, filling_);
    if (lua_rawlen(from_, -1) > 100) return;
    lua_pushfstring(from_, "%s.%s", lua_tostring(from_, -1), label);
    lua_remove(from_, -2);
  }

  void create(int index, const char* label) {
    switch (lua_type(from_, index)) {
      case LUA_TTABLE:
        return lua_newtable(to_);
      case LUA_TFUNCTION:
        return lua_iscfunction(from_, index) ? create_c_function(index) : create_function(index);
      case LUA_TUSERDATA:
        return create_userdata(index, label);
      default:
        return create_coroutine(index, label);
    }
  }

  [[noreturn]] void refuse(const char* label, const char* what) {
    push_path(label);
    luaL_error(from_, "a process cannot take %s with it (%s)", what, lua_tostring(from_, -1));
    std::abort();  // luaL_error() does not return
  }

  /// One that has ended is as good as new: nothing of it is left.
  void create_coroutine(int index, const char* label) {
    lua_State* const coroutine = lua_tothread(from_, index);
    lua_Debug at;
    const bool is_over = lua_status(coroutine) == LUA_OK && coroutine != from_ &&
                         lua_gettop(coroutine) == 0 && lua_getstack(coroutine, 0, &at) == 0;
    if (!is_over) refuse(label, "a coroutine");
    lend_to(lua_newthread(to_), thread_of(to_));
  }

  /// Plain bytes, such as the state of math.random.
  void create_userdata(int index, const char* label) {
    if (lua_getmetatable(from_, index) != 0) refuse(label, "a thread's handle");
    const std::size_t size = lua_rawlen(from_, index);
    std::memcpy(lua_newuserdatauv(to_, size, 0), lua_touserdata(from_, index), size);
  }

  void create_c_function(int index) {
    int upvalues = 0;
    while (lua_getupvalue(from_, index, upvalues + 1) != nullptr) lua_pop(from_, 1), ++upvalues;
    luaL_checkstack(to_, upvalues + 8, "fork");
    for (int i = 0; i < upvalues; ++i) lua_pushnil(to_);
    lua_pushcclosure(to_, lua_tocfunction(from_, index), upvalues);
    if (lua_tocfunction(from_, index) == &load_text) reach_globals();
  }

  /// What load() compiles uses them, whether anything else does or not.
  void reach_globals() {
    lua_pushglobaltable(from_);
    copy(lua_gettop(from_), "_G");
    lua_pop(from_, 1);
    lua_pop(to_, 1);
  }

  /// lua_dump() wants its function on top when it begins, so the buffer begins with the first piece.
  struct Code {
    bool has_begun = false;
    luaL_Buffer buffer;
  };

  static int append(lua_State* lua, const void* piece, std::size_t size, void* to) {
    auto& code = *static_cast<Code*>(to);
    if (!std::exchange(code.has_begun, true)) luaL_buffinit(lua, &code.buffer);
    luaL_addlstring(&code.buffer, static_cast<const char*>(piece), size);
    return 0;
  }

  void create_function(int index) {
    lua_pushcfunction(from_, &dump);
    lua_pushvalue(from_, index);
    lua_call(from_, 1, 1);
    std::size_t size = 0;
    const char* const code = lua_tolstring(from_, -1, &size);
    Process::spend(from_, static_cast<std::int64_t>(size) / 8);
    if (luaL_loadbufferx(to_, code, size, "copy", "b") != LUA_OK) lua_error(to_);
    lua_pop(from_, 1);
  }

  /// Lua: the function at 1 as bytecode.
  static int dump(lua_State* lua) {
    Code code;
    lua_settop(lua, 1);
    if (lua_dump(lua, &append, &code, 0) != 0) return luaL_error(lua, "unable to copy a function");
    luaL_pushresult(&code.buffer);
    return 1;
  }

  // --- filling --------------------------------------------------------------------------------------------------------

  void fill(lua_Integer n) {
    filling_ = n;
    lua_rawgeti(from_, base_ + kObjects, n);
    lua_rawgeti(to_, 1, n);
    if (lua_istable(from_, -1)) fill_table();
    if (lua_isfunction(from_, -1)) fill_function(n);
    lua_pop(from_, 1);
    lua_pop(to_, 1);
  }

  void fill_table() {
    const int table = lua_gettop(from_), key = table + 2, value = table + 3;
    push_keys(from_, table);  // in order, so that errors name the same way each time
    for (lua_Integer i = 1; lua_rawgeti(from_, table + 1, i) != LUA_TNIL; ++i) {
      lua_pushvalue(from_, key);
      lua_rawget(from_, table);
      copy(key, "(key)");
      copy(value, label_of(key));
      lua_rawset(to_, -3);
      lua_settop(from_, table + 1);
    }
    lua_settop(from_, table);
    if (lua_getmetatable(from_, table) != 0) {
      copy(table + 1, "(metatable)");
      lua_setmetatable(to_, -2);
      lua_pop(from_, 1);
    }
  }

  const char* label_of(int key) {
    if (lua_type(from_, key) == LUA_TSTRING) return lua_tostring(from_, key);
    return lua_isinteger(from_, key) ? "(element)" : "(value)";
  }

  void fill_function(lua_Integer n) {
    const int function = lua_gettop(from_), its_copy = lua_gettop(to_);
    const bool is_c = lua_iscfunction(from_, function) != 0;
    for (int i = 1; i < kUpvaluesAFunction; ++i) {
      const char* const name = lua_getupvalue(from_, function, i);
      if (name == nullptr) return;
      if (is_c || !join_shared(n, i, function, its_copy)) {
        copy(function + 1, *name != '\0' ? name : "(upvalue)");
        lua_setupvalue(to_, its_copy, i);
      }
      lua_pop(from_, 1);
    }
  }

  /// An upvalue that another function has as well is the same one in the copies. Returns whether that was so.
  bool join_shared(lua_Integer n, int i, int function, int its_copy) {
    void* const identity = lua_upvalueid(from_, function, i);
    lua_rawgetp(from_, base_ + kUpvalues, identity);
    const lua_Integer first = lua_tointeger(from_, -1);
    lua_pop(from_, 1);
    if (first == 0) {
      lua_pushinteger(from_, n * kUpvaluesAFunction + i);
      lua_rawsetp(from_, base_ + kUpvalues, identity);
      return false;
    }
    lua_rawgeti(to_, 1, first / kUpvaluesAFunction);
    lua_upvaluejoin(to_, its_copy, i, -1, static_cast<int>(first % kUpvaluesAFunction));
    lua_pop(to_, 1);
    return true;
  }

  lua_State* from_;
  lua_State* to_;
  int base_;
  lua_Integer count_ = 0;    // objects found
  lua_Integer filling_ = 0;  // which of them is being filled
  const void* globals_ = nullptr;
};

/// Lua, in the child's state: the argument is the parent's stack.
int copy_from(lua_State* to) {
  auto* const from = static_cast<lua_State*>(lua_touserdata(to, 1));
  lua_settop(to, 0);
  open_child_state(to);
  ForkCopy(from, to).run();
  return lua_gettop(to);
}

/// Lua, in the parent's state: the child, and the values to copy. Errors of either state end here.
int copy_into(lua_State* from) {
  auto& child = *static_cast<Process*>(lua_touserdata(from, 1));
  lua_remove(from, 1);
  lua_State* const to = child.lua();
  if (to == nullptr) return luaL_error(from, "not enough memory for a process");
  lua_pushcfunction(to, &copy_from);
  lua_pushlightuserdata(to, from);
  if (lua_pcall(to, 1, LUA_MULTRET, 0) != LUA_OK) {
    return luaL_error(from, "the copy for a process failed: %s", lua_tostring(to, -1));
  }
  return 0;
}

}  // namespace

Process& copy_for_child(lua_State* lua) {
  Process& parent = thread_of(lua).process;
  auto& processes = parent.family().processes;
  Process& child = *processes.emplace_back(std::make_unique<Process>(parent.family()));
  const int values = lua_gettop(lua);
  luaL_checkstack(lua, values + 8, "too many arguments");
  lua_pushcfunction(lua, &copy_into);
  lua_pushlightuserdata(lua, &child);
  for (int i = 1; i <= values; ++i) lua_pushvalue(lua, i);
  const int status = lua_pcall(lua, values + 1, 0, 0);
  if (status != LUA_OK) {
    processes.pop_back();
    Process::pass_on_limits(lua, status);
    lua_error(lua);
  }
  child.set_ordinals(parent.ordinals());
  child.watch();
  return child;
}

void forget_copy(Process& child) { child.heap().release(); }

}  // namespace stackscope::lua
