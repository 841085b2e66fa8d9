#pragma once
// Values as text, where no address may show. Internal to userland/lua.

#include <lua.hpp>
#include <string>

namespace stackscope::lua {

/// The number of a table, function, handle, coroutine or string, in order of first use.
lua_Integer ordinal_of(lua_State* lua, int index);
/// Gives the value at `index` a number that it had elsewhere; pushes nothing. Returns 0 where it has none.
lua_Integer known_ordinal(lua_State* lua, int index);
void set_ordinal(lua_State* lua, int index, lua_Integer ordinal);
void open_ordinals(lua_State* lua);

/// Pushes what `tostring` gives: "table: 1". Honours __tostring and __name. May run Lua and raise.
void push_text(lua_State* lua, int index);
/// Pushes an error object as people read it. May run Lua.
void push_error_text(lua_State* lua, int index);
/// "prog.lua:3: " of the innermost Lua function, or "".
std::string place_of(lua_State* lua);

}  // namespace stackscope::lua
