#include "userland/lua/reference.hpp"

#include <fmt/format.h>

#include "userland/lua/binding.hpp"
#include "userland/lua/constants.hpp"
#include "userland/lua/handles.hpp"
#include "userland/lua/lua_program.hpp"

namespace stackscope {
namespace lua {
namespace {

/// Lua: any call. Upvalue: its Binding.
int dispatch(lua_State* lua) {
  const auto& binding = *static_cast<const Binding*>(lua_touserdata(lua, lua_upvalueindex(1)));
  Thread& thread = thread_of(lua);
  thread.call = {binding.name, lua, lua_gettop(lua)};
  const int results = binding.body(lua, thread);
  if (binding.takes_time && thread.call.name != nullptr) thread.process.heap().refill();
  thread.call = {};
  return results;
}

constexpr const char* kHead = R"(# Programs in Lua

A program is a Lua 5.4 file; its main chunk is the first thread of a process. `stackscope run prog.lua` runs it on the model,
`stackscope run --on host prog.lua` on the real kernel, and both print the same lines: the examples below are run on both as a
test, and so are the cases of tests/parity. Of IPv6, machines have loopback. This page is written by the program itself.

- **Result or errno.** A call returns its result; on failure `nil, "EAGAIN"`. What has only success to report returns 0.
  Values out of range go to the kernel; wrong Lua types and malformed addresses are Lua errors, with file and line.
- **Descriptors** are integers, the lowest free number first; 0 to 2 are taken.
- **Constants** have their C names and combine with `|`. A name in capitals that does not exist is an error, never nil.
- **Addresses** are `"127.0.0.1:8080"` or `"[::1]:80"`, with port 0 for any; a Unix socket's is `""`.
- **Durations** are nanoseconds, made with `us`, `ms` and `s`; nil or negative is for ever. Where the man page says
  milliseconds, so does the call.
- **Threads** share variables and are switched inside calls only, so `n = n + #epoll_wait(…)` reads `n` before it waits.
  At the end of the main chunk, threads and child processes that are left are ended.
- **Limits.** 100,000,000 instructions between two calls, 256 MiB a process and 1,000 threads at a time (EAGAIN). Past the
  first two, the program ends with exit code 4, whatever it catches. One call reads at most 1 MiB; a thread's stack has at
  most some 80,000 values (stack overflow).
- **Exit code**: 0 at the end of the main chunk, 1 after an error that nobody caught, 4 at a limit or when nothing can go on.

What a program prints depends on nothing but the program: `pairs` and `next` go by numbers, then strings, then false and
true (other keys have no order, and raise); `tostring` and `%p` number tables and functions in the order of first use;
`math.random` begins with seed 1. There is no `os`, `io`, `package`, `debug`, `require`, `dofile`, `loadfile`, no loading of
bytecode, no `__gc`, no weak tables, and `collectgarbage` can only collect. `#` of a list with holes is any of its borders,
as Lua says: do not print it.

## In a scenario

A run may name a Lua file beside the scenario, and has what it tells it in the global table `args`:

```toml
[[run]]
name    = "client"
program = "client.lua"
on      = "machine"
args    = { to = "server:80", requests = 10, size = "4KiB", patience = "1s", greedy = true }
```

Integers, flags and texts are what they are, durations are in nanoseconds and sizes in bytes, and "HOST:PORT" of a machine of the
scenario is its address. A variant or a `--set` may change these arguments, each for one of its kind. `serves = true` says that
the simulation does not wait for the program's end. Each name that the program gives to `mark_begin` is a metric: from there
to `mark_end`, in ns. An error that nobody caught fails the run, as an expectation that is not met. Run alone, `args` is empty.
)";

void add_binding(std::string& page, const Binding& binding) {
  fmt::format_to(std::back_inserter(page), "\n### `{}`\n\n{}\n\n```lua\n{}```\n", binding.signature,
                 binding.doc, binding.example);
  if (*binding.output != '\0') fmt::format_to(std::back_inserter(page), "\n```\n{}```\n", binding.output);
}

std::string argument_text(lua_State* lua, int index) {
  switch (lua_type(lua, index)) {
    case LUA_TNIL:
      return "nil";
    case LUA_TBOOLEAN:
      return lua_toboolean(lua, index) ? "true" : "false";
    case LUA_TNUMBER:
      return lua_isinteger(lua, index) ? fmt::format("{}", lua_tointeger(lua, index))
                                       : fmt::format("{}", lua_tonumber(lua, index));
    case LUA_TSTRING:
      if (lua_rawlen(lua, index) > 40) return fmt::format("({} bytes)", lua_rawlen(lua, index));
      return fmt::format("\"{}\"", lua_tostring(lua, index));
    case LUA_TTABLE:
      return "{…}";
    case LUA_TFUNCTION:
      return "function";
    default:
      const Thread* thread = thread_behind(lua, index);
      return thread != nullptr ? fmt::format("{}", thread->tid) : lua_typename(lua, lua_type(lua, index));
  }
}

}  // namespace

std::span<const BindingFamily> binding_families() {
  static const BindingFamily kFamilies[] = {
      {"epoll", epoll_bindings()},
      {"poll and select", poll_bindings()},
      {"Pipes, event descriptors, timers", file_bindings()},
      {"Sockets", socket_bindings()},
      {"Socket options", option_bindings()},
      {"Data", data_bindings()},
      {"Descriptors as messages", message_bindings()},
      {"Descriptors", descriptor_bindings()},
      {"Time", time_bindings()},
      {"Threads", thread_bindings()},
      {"Processes", process_bindings()},
      {"To make concurrency definite", concurrency_bindings()},
      {"Printing and marking", marking_bindings()},
  };
  return kFamilies;
}

void open_calls(lua_State* lua) {
  for (const BindingFamily& family : binding_families()) {
    for (const Binding& binding : family.bindings) {
      lua_pushlightuserdata(lua, const_cast<Binding*>(&binding));
      lua_pushcclosure(lua, &dispatch, 1);
      lua_setglobal(lua, binding.name);
    }
  }
}

std::string text_of(const CurrentCall& call) {
  std::string text = call.name;
  text += '(';
  const int given = std::min(call.arguments, lua_gettop(call.lua));
  for (int i = 1; i <= std::min(given, 8); ++i) {
    if (i > 1) text += ", ";
    text += argument_text(call.lua, i);
  }
  return text + (call.arguments > 8 ? ", …)" : ")");
}

}  // namespace lua

std::string lua_reference() {
  std::string page = lua::kHead;
  for (const lua::BindingFamily& family : lua::binding_families()) {
    page += fmt::format("\n## {}\n", family.title);
    for (const lua::Binding& binding : family.bindings) lua::add_binding(page, binding);
  }
  return page + "\n## Constants\n\n" + lua::constants_reference();
}

}  // namespace stackscope
