#include <sys/wait.h>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"
#include "userland/lua/fork_copy.hpp"

namespace stackscope::lua {
namespace {

int process(lua_State* lua, Thread& self) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  const int arguments = lua_gettop(lua) - 1;
  Process& child = copy_for_child(lua);
  const int pid = self.os->fork([&child, arguments](Syscalls& os) { return child.run_child(os, arguments); });
  if (pid < 0) {
    forget_copy(child);
    return failure(lua, pid);
  }
  self.process.add_child(pid);
  return result(lua, pid);
}

/// The exit code, or 128 and the signal.
int waitpid(lua_State* lua, Thread& self) {
  int status = 0;
  const int pid = self.os->waitpid(int_argument(lua, 1), status, 0);
  if (pid < 0) return failure(lua, pid);
  self.process.forget_child(pid);
  return result(lua, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

int kill(lua_State* lua, Thread& self) {
  return result(lua, self.os->kill(int_argument(lua, 1), int_argument(lua, 2)));
}

int getpid(lua_State* lua, Thread& self) { return result(lua, self.os->getpid()); }

constexpr Binding kBindings[] = {
    {"process", &process, "process(fn, …) → pid",
     "fork: a process that calls `fn`, with the caller's descriptors and a copy of whatever `fn` reaches. "
     "Its exit code is "
     "fn's integer result, 0 without one, 1 after an error. A handle or a coroutine among what it reaches is "
     "an error.",
     R"lua(local r, w = pipe()
local shared = 1
local pid = process(function() shared = shared + 1; write(w, "child has " .. shared); return 7 end)
print(waitpid(pid), read(r, 100), shared)
)lua",
     "7\tchild has 2\t1\n"},
    {"waitpid", &waitpid, "waitpid(pid) → exit code, or 128 + signal",
     "Waits until a child process has ended.",
     R"lua(local pid = process(function() nanosleep(nil) end)
kill(pid, SIGKILL)
print(waitpid(pid))
print(waitpid(pid))
)lua",
     "137\nnil\tECHILD\n"},
    {"kill", &kill, "kill(pid, sig) → 0",
     "Sends a signal: SIGTERM and SIGKILL end a process, 0 asks whether it exists.",
     R"lua(print(kill(getpid(), 0))
)lua",
     "0\n"},
    {"getpid", &getpid, "getpid() → pid", "The process's number.",
     R"lua(local here = getpid()
print(waitpid(process(function() return getpid() == here and 1 or 0 end)))
)lua",
     "0\n"},
};

}  // namespace

std::span<const Binding> process_bindings() { return kBindings; }

}  // namespace stackscope::lua
