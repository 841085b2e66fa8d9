#pragma once
// The constants of C, as globals. Internal to userland/lua.

#include <lua.hpp>
#include <string>

namespace stackscope::lua {

/// A global in capitals that is not there raises, and says which may have been meant.
void open_constants(lua_State* lua);
/// For docs/lua.md.
std::string constants_reference();

}  // namespace stackscope::lua
