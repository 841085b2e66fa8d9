// What makes concurrency definite.

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"
#include "userland/lua/handles.hpp"

namespace stackscope::lua {
namespace {

int wait_until_blocked(lua_State* lua, Thread& self) {
  const int count = lua_gettop(lua);
  auto* tids = push_array<int>(lua, static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) tids[i] = handle_argument(lua, i + 1).tid;
  self.os->wait_until_blocked({tids, static_cast<std::size_t>(count)});
  return result(lua, 0);
}

int wakeups(lua_State* lua, Thread& self) {
  return result(lua, self.os->wakeups(handle_argument(lua, 1).tid));
}

constexpr Binding kBindings[] = {
    {"wait_until_blocked", &wait_until_blocked, "wait_until_blocked(handle, …) → 0",
     "Returns when each of these threads sleeps inside a call of its own, with no wake-up under way, or has "
     "ended. The "
     "caller sleeps meanwhile. Timers and packets in flight are not waited for.",
     R"lua(local r, w = pipe()
local state = "begins"
local reader = thread(function() state = "reads"; read(r, 1); state = "ended" end)
wait_until_blocked(reader)
print(state)
write(w, "x"); join(reader)
print(state)
)lua",
     "reads\nended\n", false},
    {"wakeups", &wakeups, "wakeups(handle) → n",
     "How many sleeps of that thread, inside its own calls, have ended. Compare only differences taken while "
     "it is blocked.",
     R"lua(local r, w = pipe()
local reader = thread(function() for _ = 1, 3 do read(r, 1) end end)
wait_until_blocked(reader)
local before = wakeups(reader)
write(w, "x")
wait_until_blocked(reader)
print(wakeups(reader) - before)
)lua",
     "1\n", false},
};

}  // namespace

std::span<const Binding> concurrency_bindings() { return kBindings; }

}  // namespace stackscope::lua
