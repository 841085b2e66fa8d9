#pragma once
// fork() for an interpreter: a second state that holds a copy of what a function reaches. Internal to userland/lua.

#include <lua.hpp>

namespace stackscope {
class LuaProcess;
}

namespace stackscope::lua {

/// Copies the function at index 1, and the arguments above it, with all that they reach into a new process, where they lie
/// on the stack, ready to run: tables with their identity and metatables, functions with the variables they share, the globals.
/// Raises a Lua error where it reaches a thread's handle or a coroutine.
LuaProcess& copy_state(lua_State* from);

/// Notes what every state has from the start, once its globals are filled: a copy finds its own of these.
void remember_library(lua_State* lua);

}  // namespace stackscope::lua
