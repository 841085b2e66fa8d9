// Threads, processes, time, and what a program says.

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/lua/arguments.hpp"
#include "userland/lua/state_copy.hpp"

namespace stackscope::lua {

namespace {

constexpr const char* kHandle = "stackscope.thread";

/// A thread's handle holds its gettid().
int tid_at(lua_State* lua, int index) {
  return *static_cast<const int*>(luaL_checkudata(lua, index, kHandle));
}

// --- threads ---------------------------------------------------------------------------------------------------------

/// Keeps the Lua thread alive as long as the state: by its own value, in the registry.
void keep(lua_State* lua, int index) {
  lua_pushvalue(lua, index);
  luaL_ref(lua, LUA_REGISTRYINDEX);
}

int call_thread(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  const int arguments = lua_gettop(lua) - 1;
  LuaProcess& process = LuaProcess::of(lua);
  if (process.threads().size() >= process.most_threads()) return push_error(lua, -EAGAIN);
  lua_State* const fresh = lua_newthread(lua);
  keep(lua, -1);
  lua_insert(lua, 1);
  lua_xmove(lua, fresh, arguments + 1);
  int* const handle = static_cast<int*>(lua_newuserdatauv(lua, sizeof(int), 0));
  luaL_setmetatable(lua, kHandle);
  const int tid = in_call(lua, "thread", [&](Syscalls& os) {
    return os.thread_create([&process, fresh, arguments](Syscalls& own) {
      process.run(process.thread_of(own, fresh), arguments);
    });
  });
  if (tid < 0) return push_error(lua, tid);
  process.name_thread(fresh, tid);
  *handle = tid;
  return 1;
}

int call_join(lua_State* lua) {
  const int tid = tid_at(lua, 1);
  const int result = in_call(lua, "join", [&](Syscalls& os) { return os.thread_join(tid); });
  if (result < 0) return push_error(lua, result);
  LuaThread* const thread = LuaProcess::of(lua).find_thread(tid);
  if (thread == nullptr || !thread->is_done) return push_error(lua, -ESRCH);
  thread->was_joined = true;
  lua_State* const from = thread->lua;
  luaL_checkstack(lua, thread->results + 1, "too many results");
  if (thread->failed) lua_pushnil(lua);
  luaL_checkstack(from, thread->results + 1, "too many results");
  const int first = lua_gettop(from) - thread->results + 1;
  for (int i = 0; i < thread->results; ++i) lua_pushvalue(from, first + i);  // joining may be repeated
  lua_xmove(from, lua, thread->results);
  return thread->results + (thread->failed ? 1 : 0);
}

int call_wait_until_blocked(lua_State* lua) {
  const int count = lua_gettop(lua);
  for (int i = 1; i <= count; ++i) tid_at(lua, i);
  const std::span<int> tids = room<int>(lua, static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) tids[static_cast<std::size_t>(i)] = tid_at(lua, i + 1);
  in_call(lua, "wait_until_blocked", [&](Syscalls& os) { os.wait_until_blocked(tids); });
  return 0;
}

int call_wakeups(lua_State* lua) {
  const int tid = tid_at(lua, 1);
  return push_result(lua, in_call(lua, "wakeups", [&](Syscalls& os) { return os.wakeups(tid); }));
}

// --- processes -------------------------------------------------------------------------------------------------------

int call_process(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  const int arguments = lua_gettop(lua) - 1;
  LuaProcess& child = copy_state(lua);  // raises where something cannot be copied
  const int pid = in_call(lua, "process", [&](Syscalls& os) {
    return os.fork([&child, arguments](Syscalls& own) { return child.run_forked(own, arguments); });
  });
  return push_result(lua, pid);
}

int call_waitpid(lua_State* lua) {
  const int pid = int_at(lua, 1);
  int status = 0;
  const int result = in_call(lua, "waitpid", [&](Syscalls& os) { return os.waitpid(pid, status, 0); });
  if (result < 0) return push_error(lua, result);
  return push_result(lua, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

int call_kill(lua_State* lua) {
  const int pid = int_at(lua, 1), signal = int_at(lua, 2);
  return push_result(lua, in_call(lua, "kill", [&](Syscalls& os) { return os.kill(pid, signal); }));
}
int call_getpid(lua_State* lua) {
  return push_result(lua, in_call(lua, "getpid", [](Syscalls& os) { return os.getpid(); }));
}
int call_gettid(lua_State* lua) {
  return push_result(lua, in_call(lua, "gettid", [](Syscalls& os) { return os.gettid(); }));
}

int call_sched_setaffinity(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  std::uint64_t mask = 0;
  for (lua_Integer i = luaL_len(lua, 1); i > 0; --i) {
    lua_geti(lua, 1, i);
    const lua_Integer cpu = luaL_checkinteger(lua, -1);
    if (cpu < 0) luaL_argerror(lua, 1, "CPUs count from 0");
    if (cpu < 64) mask |= std::uint64_t{1} << cpu;  // no machine here has others
    lua_pop(lua, 1);
  }
  return push_result(
      lua, in_call(lua, "sched_setaffinity", [&](Syscalls& os) { return os.sched_setaffinity(mask); }));
}
int call_sched_setscheduler(lua_State* lua) {
  const int policy = int_at(lua, 1), priority = int_at(lua, 2, 0);
  return push_result(lua, in_call(lua, "sched_setscheduler",
                                  [&](Syscalls& os) { return os.sched_setscheduler(policy, priority); }));
}
int call_sched_yield(lua_State* lua) {
  return push_result(lua, in_call(lua, "sched_yield", [](Syscalls& os) { return os.sched_yield(); }));
}

// --- time ------------------------------------------------------------------------------------------------------------

int call_nanosleep(lua_State* lua) {
  const lua_Integer ns = luaL_checkinteger(lua, 1);
  return push_result(lua,
                     in_call(lua, "nanosleep", [&](Syscalls& os) { return os.nanosleep(Duration::ns(ns)); }));
}
int call_clock_gettime(lua_State* lua) {
  const int clock = int_at(lua, 1);
  timespec now{};
  const int result =
      in_call(lua, "clock_gettime", [&](Syscalls& os) { return os.clock_gettime(clock, now); });
  if (result < 0) return push_error(lua, result);
  lua_pushinteger(lua, static_cast<lua_Integer>(now.tv_sec) * 1'000'000'000 + now.tv_nsec);
  return 1;
}
int call_compute(lua_State* lua) {
  const lua_Integer ns = luaL_checkinteger(lua, 1);
  if (ns > 0) in_call(lua, "compute", [&](Syscalls& os) { os.compute(Duration::ns(ns)); });
  lua_pushinteger(lua, 0);
  return 1;
}

/// A duration in units, rounded to nanoseconds.
template <lua_Integer Unit>
int duration(lua_State* lua) {
  if (lua_isinteger(lua, 1) != 0) {
    lua_Integer product = 0;
    if (__builtin_mul_overflow(lua_tointeger(lua, 1), Unit, &product)) luaL_argerror(lua, 1, "too long");
    lua_pushinteger(lua, product);
    return 1;
  }
  const lua_Number exact = luaL_checknumber(lua, 1) * static_cast<lua_Number>(Unit);
  if (!(exact > -9.2e18 && exact < 9.2e18)) luaL_argerror(lua, 1, "too long");
  lua_pushinteger(lua, static_cast<lua_Integer>(exact < 0 ? exact - 0.5 : exact + 0.5));
  return 1;
}

// --- what a program says ---------------------------------------------------------------------------------------------

/// The arguments as text with tabs between, on top of the stack. Lua: luaB_print()
ConstBuffer line_of(lua_State* lua) {
  const int count = lua_gettop(lua);
  luaL_Buffer line;
  luaL_buffinit(lua, &line);
  for (int i = 1; i <= count; ++i) {
    if (i > 1) luaL_addchar(&line, '\t');
    lua_getglobal(lua, "tostring");
    lua_pushvalue(lua, i);
    lua_call(lua, 1, 1);
    luaL_addvalue(&line);
  }
  luaL_pushresult(&line);
  return bytes_at(lua, -1);
}
std::string_view text_of(const ConstBuffer& bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

int call_print(lua_State* lua) {
  const std::string_view line = text_of(line_of(lua));
  in_call(lua, "print", [&](Syscalls& os) { os.print(STDOUT_FILENO, line); });
  return 0;
}
int call_log(lua_State* lua) {
  const std::string_view line = text_of(line_of(lua));
  in_call(lua, "log", [&](Syscalls& os) { os.log(line); });
  return 0;
}
int call_nstat(lua_State* lua) {
  const std::string_view name = text_of(bytes_at(lua, 1));
  const std::optional<std::int64_t> value =
      in_call(lua, "nstat", [&](Syscalls& os) { return os.counter(name); });
  if (!value) return luaL_argerror(lua, 1, "there is no such counter");
  lua_pushinteger(lua, *value);
  return 1;
}
int mark(lua_State* lua, const char* call, bool begins) {
  const std::string_view name = text_of(bytes_at(lua, 1));
  in_call(lua, call, [&](Syscalls& os) { os.mark(name, begins); });
  return 0;
}
int call_mark_begin(lua_State* lua) { return mark(lua, "mark_begin", true); }
int call_mark_end(lua_State* lua) { return mark(lua, "mark_end", false); }

constexpr luaL_Reg kCalls[] = {{"thread", call_thread},
                               {"join", call_join},
                               {"wait_until_blocked", call_wait_until_blocked},
                               {"wakeups", call_wakeups},
                               {"process", call_process},
                               {"waitpid", call_waitpid},
                               {"kill", call_kill},
                               {"getpid", call_getpid},
                               {"gettid", call_gettid},
                               {"sched_setaffinity", call_sched_setaffinity},
                               {"sched_setscheduler", call_sched_setscheduler},
                               {"sched_yield", call_sched_yield},
                               {"nanosleep", call_nanosleep},
                               {"clock_gettime", call_clock_gettime},
                               {"compute", call_compute},
                               {"ns", duration<1>},
                               {"us", duration<1000>},
                               {"ms", duration<1'000'000>},
                               {"s", duration<1'000'000'000>},
                               {"print", call_print},
                               {"log", call_log},
                               {"nstat", call_nstat},
                               {"mark_begin", call_mark_begin},
                               {"mark_end", call_mark_end},
                               {nullptr, nullptr}};

}  // namespace

void open_tasks(lua_State* lua) {
  luaL_newmetatable(lua, kHandle);
  lua_pushliteral(lua, "thread");
  lua_setfield(lua, -2, "__name");
  lua_pop(lua, 1);
  add_globals(lua, kCalls);
}

}  // namespace stackscope::lua
