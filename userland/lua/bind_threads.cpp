// Threads, and how they are scheduled.

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"
#include "userland/lua/handles.hpp"

namespace stackscope::lua {
namespace {

int thread(lua_State* lua, Thread& self) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  Process& process = self.process;
  if (process.alive() >= process.limits().threads) return failure(lua, EAGAIN);
  Thread& made = push_handle(lua, lua_gettop(lua));
  process.count_thread(1);  // it may begin before this call returns, or much later
  const int tid = self.os->thread_create([&made](Syscalls& os) { made.process.run_thread(made, os); });
  if (tid < 0) {
    process.count_thread(-1);
    forget_thread(made);
    return failure(lua, tid);
  }
  made.tid = tid;
  return 1;
}

int join(lua_State* lua, Thread& self) {
  Thread& other = handle_argument(lua, 1);
  lua_settop(lua, 1);
  const int status = self.os->thread_join(other.tid);
  if (status < 0) return failure(lua, status);
  other.was_joined = true;
  return push_results(lua, 1);
}

int sched_setaffinity(lua_State* lua, Thread& self) {
  std::uint64_t mask = 0;
  const int count = list_argument(lua, 1, 1024);
  for (int i = 1; i <= count; ++i) {
    const int cpu = int_element(lua, 1, i);
    if (cpu >= 0 && cpu < 64) mask |= std::uint64_t{1} << cpu;  // others the kernel ignores
  }
  return result(lua, self.os->sched_setaffinity(mask));
}

int sched_setscheduler(lua_State* lua, Thread& self) {
  return result(lua, self.os->sched_setscheduler(int_argument(lua, 1), int_argument(lua, 2, 0)));
}

int sched_yield(lua_State* lua, Thread& self) { return result(lua, self.os->sched_yield()); }
int gettid(lua_State* lua, Thread& self) { return result(lua, self.os->gettid()); }

constexpr Binding kBindings[] = {
    {"thread", &thread, "thread(fn, …) → handle",
     "A thread that calls `fn` with the other arguments. Threads share variables and are switched only "
     "inside calls.",
     R"lua(local total = 0
local workers = {}
for i = 1, 3 do workers[i] = thread(function(n) total = total + n end, i) end
for _, w in ipairs(workers) do join(w) end
print(total)
)lua",
     "6\n"},
    {"join", &join, "join(handle) → what fn returned, or nil and its error",
     "Waits until a thread has ended; may be repeated. A thread that failed and was never joined ends the "
     "program with "
     "exit code 1.",
     R"lua(print(join(thread(function(a, b) return a + b, "sum" end, 2, 3)))
print(join(thread(function() error("no luck", 0) end)))
)lua",
     "5\tsum\nnil\tno luck\n"},
    {"sched_setaffinity", &sched_setaffinity, "sched_setaffinity({cpu, …}) → 0",
     "On which CPUs the calling thread may run; they count from 0.",
     R"lua(print(sched_setaffinity({0}))
print(sched_setaffinity({}))
)lua",
     "0\nnil\tEINVAL\n"},
    {"sched_setscheduler", &sched_setscheduler, "sched_setscheduler(policy, priority) → 0",
     "SCHED_OTHER or SCHED_BATCH with 0, SCHED_FIFO or SCHED_RR with 1 to 99, for the calling thread; EPERM "
     "where the host "
     "refuses.",
     R"lua(print(sched_setscheduler(SCHED_FIFO, 0))
)lua",
     "nil\tEINVAL\n"},
    {"sched_yield", &sched_yield, "sched_yield() → 0", "Lets others run who may.",
     R"lua(print(sched_yield())
)lua",
     "0\n"},
    {"gettid", &gettid, "gettid() → tid", "The calling thread's number.",
     R"lua(print(gettid() == getpid(), join(thread(gettid)) == getpid())
)lua",
     "true\tfalse\n"},
};

}  // namespace

std::span<const Binding> thread_bindings() { return kBindings; }

}  // namespace stackscope::lua
