// Lines, counters and marks. They take no time.

#include <unistd.h>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"
#include "userland/lua/texts.hpp"

namespace stackscope::lua {
namespace {

constexpr std::int64_t kStepsALine = 50;

/// Leaves the arguments, as texts with tabs between them, on the stack.
std::string_view push_line(lua_State* lua) {
  const int count = lua_gettop(lua);
  luaL_checkstack(lua, count + LUA_MINSTACK, "too many values");
  for (int i = 1; i <= count; ++i) push_text(lua, i);
  luaL_Buffer line;
  luaL_buffinit(lua, &line);
  for (int i = 1; i <= count; ++i) {
    if (i > 1) luaL_addchar(&line, '\t');
    lua_pushvalue(lua, count + i);
    luaL_addvalue(&line);
  }
  luaL_pushresult(&line);
  std::size_t length = 0;
  const char* const text = lua_tolstring(lua, -1, &length);
  Process::spend(lua, kStepsALine + static_cast<std::int64_t>(length) / 8);
  return {text, length};
}

int print(lua_State* lua, Thread& thread) {
  thread.os->print(STDOUT_FILENO, push_line(lua));
  return 0;
}

int log(lua_State* lua, Thread& thread) {
  thread.os->log(push_line(lua));
  return 0;
}

std::string_view name_argument(lua_State* lua) {
  std::size_t length = 0;
  const char* const name = luaL_checklstring(lua, 1, &length);
  Process::spend(lua, kStepsALine);
  return {name, length};
}

int nstat(lua_State* lua, Thread& thread) {
  const std::optional<std::int64_t> increase = thread.os->counter(name_argument(lua));
  if (!increase) return luaL_error(lua, "no counter %s here", lua_tostring(lua, 1));
  lua_pushinteger(lua, *increase);
  return 1;
}

int mark_begin(lua_State* lua, Thread& thread) {
  thread.os->mark(name_argument(lua), true);
  return result(lua, 0);
}

int mark_end(lua_State* lua, Thread& thread) {
  thread.os->mark(name_argument(lua), false);
  return result(lua, 0);
}

constexpr Binding kBindings[] = {
    {"print", &print, "print(…)", "A line on standard output, whole, with tabs between the values.",
     R"lua(print("one", 2, nil, true, 1.5)
print({}, print)
)lua",
     "one\t2\tnil\ttrue\t1.5\ntable: 1\tfunction: 2\n", false},
    {"log", &log, "log(…)", "A line into the recording.",
     R"lua(log("warming up", 1)
)lua",
     "", false},
    {"nstat", &nstat, "nstat(name) → n",
     "By how much a counter of the network has grown since the program began.",
     R"lua(print(nstat("TcpExtListenOverflows"))
)lua",
     "0\n", false},
    {"mark_begin", &mark_begin, "mark_begin(name) → 0", "A request of one's own begins, for `explain`.",
     R"lua(mark_begin("first"); compute(us(10)); mark_end("first")
)lua",
     "", false},
    {"mark_end", &mark_end, "mark_end(name) → 0", "It ends.",
     R"lua(mark_begin("first"); compute(us(10)); print(mark_end("first"))
)lua",
     "0\n", false},
};

}  // namespace

std::span<const Binding> marking_bindings() { return kBindings; }

}  // namespace stackscope::lua
