#pragma once
// Puts the calls into a program's globals. Internal to userland/lua.

#include <lua.hpp>
#include <string>

#include "userland/lua/process.hpp"

namespace stackscope::lua {

void open_calls(lua_State* lua);

/// "epoll_wait(4, 8, -1)", while a thread is in it.
std::string text_of(const CurrentCall& call);

}  // namespace stackscope::lua
