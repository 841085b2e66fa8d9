#pragma once
// What thread() returns: a handle. Internal to userland/lua.
//
// Invariant: a handle keeps its thread's Lua stack alive, and what the thread returned; while the thread runs, the
//            registry keeps the handle.

#include "userland/lua/process.hpp"

namespace stackscope::lua {

void open_handles(lua_State* lua);
/// Raises where the argument is no handle.
Thread& handle_argument(lua_State* lua, int index);
/// The thread behind the value, or null.
Thread* thread_behind(lua_State* lua, int index);
/// Pushes a handle for a new thread whose function and arguments are the `count` values on top, which stay.
Thread& push_handle(lua_State* lua, int count);
/// The thread ended: its result, or error, on top of its stack goes to its handle. Raises nothing.
void keep_result(Thread& thread);
/// The thread never began.
void forget_thread(Thread& thread);
/// Pushes what the thread behind the handle at `index` returned; nil and its error where it failed. Returns how many.
int push_results(lua_State* lua, int index);

}  // namespace stackscope::lua
