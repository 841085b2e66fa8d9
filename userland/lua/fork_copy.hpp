#pragma once
// What fork() does to memory: a process's Lua values, copied into a new state. Internal to userland/lua.
//
// Copied is what the function and its arguments reach: tables with their metatables, functions with their upvalues
// (those that two functions share stay shared), the globals where a function uses them, the string library, the numbers
// that tostring() gave, the state of math.random. What is reached twice is copied once; cycles are fine.
//
// Differs: what belongs to another C stack is an error: a thread's handle, and a coroutine that has not ended.

#include <lua.hpp>

#include "userland/lua/process.hpp"

namespace stackscope::lua {

/// A new process, owned by the family, with a copy of all values on `lua`'s stack (a function and its arguments) on its
/// main stack. Raises where something cannot be copied; then there is no new process.
Process& copy_for_child(lua_State* lua);
/// It never began; its memory is given back.
void forget_copy(Process& child);

}  // namespace stackscope::lua
