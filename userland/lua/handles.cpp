#include "userland/lua/handles.hpp"

namespace stackscope::lua {
namespace {

constexpr const char* kHandle = "handle";
constexpr int kStack = 1, kResult = 2;  // user values

struct Handle {
  Thread* thread;
};

}  // namespace

void open_handles(lua_State* lua) {
  luaL_newmetatable(lua, kHandle);
  lua_pushliteral(lua, "handle");
  lua_setfield(lua, -2, "__metatable");
  lua_pop(lua, 1);
}

Thread& handle_argument(lua_State* lua, int index) {
  return *static_cast<Handle*>(luaL_checkudata(lua, index, kHandle))->thread;
}

Thread* thread_behind(lua_State* lua, int index) {
  auto* handle = static_cast<Handle*>(luaL_testudata(lua, index, kHandle));
  return handle != nullptr ? handle->thread : nullptr;
}

Thread& push_handle(lua_State* lua, int count) {
  const int first = lua_gettop(lua) - count + 1;
  auto* handle = static_cast<Handle*>(lua_newuserdatauv(lua, sizeof(Handle), 2));
  handle->thread = nullptr;
  luaL_setmetatable(lua, kHandle);
  lua_State* const stack = lua_newthread(lua);
  Thread& thread = thread_of(lua).process.add_thread(stack);
  handle->thread = &thread;
  lua_setiuservalue(lua, -2, kStack);
  luaL_checkstack(lua, count, "too many arguments");
  if (!lua_checkstack(stack, count + 8)) luaL_error(lua, "too many arguments");
  for (int i = 0; i < count; ++i) lua_pushvalue(lua, first + i);
  lua_xmove(lua, stack, count);
  lua_pushvalue(lua, -1);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &thread);
  return thread;
}

void keep_result(Thread& thread) {
  lua_State* const lua = thread.lua;
  lua_rawgetp(lua, LUA_REGISTRYINDEX, &thread);
  lua_insert(lua, -2);
  lua_setiuservalue(lua, -2, kResult);
  lua_pop(lua, 1);
  forget_thread(thread);
}

void forget_thread(Thread& thread) {
  lua_State* const lua = thread.lua;
  thread.lua = nullptr;
  lua_settop(lua, 0);
  lua_pushnil(lua);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &thread);
}

int push_results(lua_State* lua, int index) {
  const Thread& thread = handle_argument(lua, index);
  if (thread.state == Thread::State::kFailed) {
    lua_pushnil(lua);
    lua_getiuservalue(lua, index, kResult);
    return 2;
  }
  lua_getiuservalue(lua, index, kResult);
  const int results = lua_gettop(lua);
  lua_getfield(lua, results, "n");
  const int count = static_cast<int>(lua_tointeger(lua, -1));
  luaL_checkstack(lua, count, "too many results");
  for (int i = 1; i <= count; ++i) lua_rawgeti(lua, results, i);
  return count;
}

}  // namespace stackscope::lua
