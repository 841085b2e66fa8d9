#pragma once
// What a program finds in its globals: Lua's own libraries, as far as they are definite, and the calls. Internal to
// userland/lua.
//
// There are  assert collectgarbage (which only collects) error getmetatable ipairs load next pairs pcall print rawequal
//            rawget rawlen rawset select setmetatable tonumber tostring type xpcall, coroutine, math, string, table, utf8
// Not there  os io package debug require dofile loadfile warn string.dump, load of bytecode, __gc, __mode
//
// Where liblua's code is definite and its time is that of its arguments, it serves, behind a toll (`add_toll`). Where
// not, there is code of our own.

#include <lua.hpp>

namespace stackscope::lua {

void open_libraries(lua_State* lua);
/// What a state needs beside what is copied into it.
void open_child_state(lua_State* lua);

/// Lua: load().
int load_text(lua_State* lua);
/// Pushes a list of the keys of the table at `table`: those with an order first, in it.
void push_keys(lua_State* lua, int table);

void open_base(lua_State* lua);
void open_iteration(lua_State* lua);
// Each works on the library's table on top of the stack.
void open_strings(lua_State* lua);
void open_patterns(lua_State* lua);
void open_tables(lua_State* lua);
void open_coroutines(lua_State* lua);
void open_utf8(lua_State* lua);

/// Replaces function `name` of the table on top by one that first pays for the bytes of its string arguments.
void add_toll(lua_State* lua, const char* name);
/// Removes function `name` from the table on top.
void remove_function(lua_State* lua, const char* name);

}  // namespace stackscope::lua
