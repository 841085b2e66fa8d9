#pragma once
// A process of a Lua program: a lua_State, its threads, its limits and its end. Internal to userland/lua.
//
// liblua is C and reports errors with longjmp, which skips destructors; and a fiber may be dropped in the middle of any
// call. So a function that runs under Lua owns nothing: what needs an owner belongs to a Thread or to the Process.

#include <deque>
#include <lua.hpp>
#include <memory>
#include <string>
#include <vector>

#include "userland/lua/heap.hpp"
#include "userland/lua/lua_program.hpp"

namespace stackscope::lua {

class Process;

/// The call a thread is in. Its arguments still lie on `lua`'s stack, from 1.
struct CurrentCall {
  const char* name = nullptr;
  lua_State* lua = nullptr;
  int arguments = 0;
};

/// A thread of a process: a Lua stack on a C stack of its own.
struct Thread {
  enum class State : std::uint8_t { kNew, kRunning, kReturned, kFailed };

  explicit Thread(Process& its_process) : process(its_process) {}

  Process& process;
  State state = State::kNew;
  lua_State* lua = nullptr;
  Syscalls* os = nullptr;
  int tid = 0;
  CurrentCall call;
  int depth = 0;  // of coroutines that are resumed or closed inside each other
  bool was_joined = false;
  std::string failure;     // of an uncaught error: the message and a traceback
  ReceiveMessage message;  // that this thread receives: its descriptors need an owner
};

/// On whose behalf `lua` runs; a coroutine belongs to whoever resumed it.
inline Thread& thread_of(lua_State* lua) { return **static_cast<Thread**>(lua_getextraspace(lua)); }
inline void lend_to(lua_State* lua, Thread& thread) {
  *static_cast<Thread**>(lua_getextraspace(lua)) = &thread;
}

/// What all processes of a program share: their limits, and an owner that outlives their fibers.
struct Family {
  explicit Family(LuaLimits its_limits) : limits(its_limits) {}
  const LuaLimits limits;
  std::deque<std::unique_ptr<Process>> processes;
};

class Process {
 public:
  explicit Process(Family& family);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Family& family() { return family_; }
  const LuaLimits& limits() const { return family_.limits; }
  lua_State* lua() { return lua_; }
  Heap& heap() { return heap_; }
  std::deque<Thread>& threads() { return threads_; }
  Thread& main_thread() { return threads_.front(); }
  const LuaEnd& end() const { return end_; }
  std::size_t alive() const { return alive_; }
  void count_thread(int more) { alive_ += static_cast<std::size_t>(more); }

  /// Fills the state with the libraries and the calls. Null on success.
  const char* open();
  /// Counts instructions from here on.
  void watch();

  Thread& add_thread(lua_State* stack);
  /// Calls the function below `arguments` values on the thread's stack; leaves one result or the error. Returns liblua's
  /// status; `thread.failure` says what went wrong.
  int call(Thread& thread, int arguments);
  /// A thread's whole life, on its own C stack.
  void run_thread(Thread& thread, Syscalls& os);

  /// The main chunk, which lies on the main thread's stack.
  void run_program(Syscalls& os);
  /// What fork() was asked to run, with its arguments. Returns the exit code.
  int run_child(Syscalls& os, int arguments);

  /// A child process, to be ended with this one unless somebody waited for it.
  void add_child(int pid) { children_.push_back(pid); }
  void forget_child(int pid) { std::erase(children_, pid); }

  // --- limits --------------------------------------------------------------------------------------------------------

  /// Work outside of Lua's instructions. Ends the program where it is too much.
  static void spend(lua_State* lua, std::int64_t steps) {
    Process& self = thread_of(lua).process;
    if (!self.heap_.spend(steps)) self.end_by_limit(lua);
  }
  /// After a protected call failed with `status`: limits end the program, whoever caught them.
  static void pass_on_limits(lua_State* lua, int status) {
    Process& self = thread_of(lua).process;
    if (self.is_limit(status)) self.end_by_limit(lua);
    if (status != LUA_ERRMEM) return;
    lua_pop(lua, 1);
    lua_pushliteral(lua, "stack overflow");
  }
  /// An ordinal for an object's first appearance in a text. Never reused.
  lua_Integer new_ordinal() { return ++ordinals_; }
  lua_Integer ordinals() const { return ordinals_; }
  void set_ordinals(lua_Integer used) { ordinals_ = used; }

 private:
  bool is_limit(int status) const {
    return (status == LUA_ERRMEM && !heap_.has_refused_stack()) || end_.kind != LuaEnd::Kind::kRunning;
  }
  void report_limit(lua_State* lua);
  [[noreturn]] void end_by_limit(lua_State* lua);
  void end_program(Thread& thread, LuaEnd end, int exit_code);
  void end_children(Syscalls& os);
  bool report_unjoined(Thread& main);
  static void on_count(lua_State* lua, lua_Debug* where);

  Family& family_;
  Heap heap_;
  lua_State* lua_ = nullptr;
  std::deque<Thread> threads_;
  std::vector<int> children_;
  std::size_t alive_ = 1;
  lua_Integer ordinals_ = 0;
  LuaEnd end_;
};

/// Prints each line of `text` on standard error.
void print_error(Syscalls& os, const std::string& text);

}  // namespace stackscope::lua
