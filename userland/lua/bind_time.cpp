#include <cmath>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

int nanosleep(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->nanosleep(duration_argument(lua, 1).value_or(Duration::max())));
}

int clock_gettime(lua_State* lua, Thread& thread) {
  timespec now{};
  const int status = thread.os->clock_gettime(int_argument(lua, 1, CLOCK_MONOTONIC), now);
  return status < 0 ? failure(lua, status) : result(lua, nanoseconds(now));
}

int compute(lua_State* lua, Thread& thread) {
  const lua_Integer ns = luaL_checkinteger(lua, 1);
  luaL_argcheck(lua, ns >= 0, 1, "must not be negative");
  thread.os->compute(Duration::ns(ns));
  if (ns == 0) is_no_call(thread);
  return result(lua, 0);
}

/// `count` units, which may be a fraction, in whole nanoseconds.
int push_duration(lua_State* lua, Thread& thread, lua_Integer unit_ns) {
  is_no_call(thread);
  int is_integer = 0;
  const lua_Integer whole = lua_tointegerx(lua, 1, &is_integer);
  const lua_Number count = luaL_checknumber(lua, 1);
  lua_Integer ns = 0;
  const lua_Number rounded = std::round(count * static_cast<lua_Number>(unit_ns));
  if (!lua_numbertointeger(rounded, &ns)) return luaL_argerror(lua, 1, "too long for nanoseconds");
  lua_pushinteger(lua, is_integer ? whole * unit_ns : ns);
  return 1;
}

int us(lua_State* lua, Thread& thread) { return push_duration(lua, thread, 1'000); }
int ms(lua_State* lua, Thread& thread) { return push_duration(lua, thread, 1'000'000); }
int s(lua_State* lua, Thread& thread) { return push_duration(lua, thread, 1'000'000'000); }

constexpr Binding kBindings[] = {
    {"nanosleep", &nanosleep, "nanosleep(ns) → 0", "Sleeps; nil is for ever.",
     R"lua(local before = clock_gettime(CLOCK_MONOTONIC)
print(nanosleep(ms(3)))
print(clock_gettime(CLOCK_MONOTONIC) - before >= ms(3))
)lua",
     "0\ntrue\n"},
    {"clock_gettime", &clock_gettime, "clock_gettime(clock) → ns",
     "The time of a clock; CLOCK_MONOTONIC by default.",
     R"lua(print(clock_gettime(CLOCK_MONOTONIC) <= clock_gettime(CLOCK_MONOTONIC))
print(clock_gettime(999))
)lua",
     "true\nnil\tEINVAL\n"},
    {"compute", &compute, "compute(ns) → 0", "Uses the CPU for so long; others may run meanwhile.",
     R"lua(local before = clock_gettime()
compute(us(200))
print(clock_gettime() - before >= us(200))
)lua",
     "true\n"},
    {"us", &us, "us(n) → ns", "Microseconds; a fraction is allowed and rounded.",
     R"lua(print(us(50), us(1.5))
)lua",
     "50000\t1500\n", false},
    {"ms", &ms, "ms(n) → ns", "Milliseconds.",
     R"lua(print(ms(20), ms(0.25))
)lua",
     "20000000\t250000\n", false},
    {"s", &s, "s(n) → ns", "Seconds.",
     R"lua(print(s(2))
)lua",
     "2000000000\n", false},
};

}  // namespace

std::span<const Binding> time_bindings() { return kBindings; }

}  // namespace stackscope::lua
