#pragma once
// One interpreter state, the threads in it, and what they may use up. Internal to userland/lua.
//
// liblua is C and reports errors with longjmp: frames that may raise hold no C++ objects.

#include <deque>
#include <lua.hpp>
#include <string>

#include "userland/lua/lua_program.hpp"

namespace stackscope {

/// A thread of the program: a way into the kernel, and a Lua thread.
struct LuaThread {
  LuaThread(Syscalls* its_os, lua_State* its_lua, int its_tid) : os(its_os), lua(its_lua), tid(its_tid) {}
  Syscalls* os;
  lua_State* lua;
  int tid;
  const char* call = nullptr;  // in which it is; null between calls
  bool is_done = false, failed = false, was_joined = false;
  int results = 0;  // how many values `fn` returned, on top of `lua`'s stack
};

/// Memory of a state: counted, limited, and freed as a whole.
class LuaMemory {
 public:
  explicit LuaMemory(std::size_t limit) : limit_(limit) {}
  ~LuaMemory();
  LuaMemory(const LuaMemory&) = delete;
  LuaMemory& operator=(const LuaMemory&) = delete;
  /// Lua: lua_Alloc
  static void* allocate(void* memory, void* block, std::size_t old_size, std::size_t new_size);

 private:
  struct Header {
    Header *previous, *next;
  };
  std::size_t limit_, used_ = 0;
  Header all_{&all_, &all_};
};

class LuaProcess {
 public:
  explicit LuaProcess(LuaProgram& program);
  LuaProcess(const LuaProcess&) = delete;
  LuaProcess& operator=(const LuaProcess&) = delete;

  static LuaProcess& of(lua_State* lua) { return **static_cast<LuaProcess**>(lua_getextraspace(lua)); }
  lua_State* lua() const { return lua_; }
  LuaProgram& program() const { return program_; }

  /// Compiles the program; its main chunk, or an error message, is on the stack. Returns LUA_OK or an error.
  int load();

  /// Runs what lies on `thread.lua`'s stack: a function and `arguments` for it.
  void run(LuaThread& thread, int arguments);
  LuaThread& add_thread(Syscalls& os, lua_State* lua, int tid);
  /// The thread of this Lua thread, which `os` starts; whichever comes first makes it, it itself or name_thread().
  LuaThread& thread_of(Syscalls& os, lua_State* lua);
  void name_thread(lua_State* lua, int tid);
  std::size_t most_threads() const { return program_.limits_.threads; }
  /// A state of its own for a process that this one forks; the program keeps it.
  LuaProcess& add_process();
  /// The forked process: runs the function on the stack with `arguments`; its exit code.
  int run_forked(Syscalls& os, int arguments);
  LuaThread* find_thread(int tid);
  const std::deque<LuaThread>& threads() const { return threads_; }

  /// The program ends here and now, all its threads with it. Does not return, but on a fake kernel.
  void stop(Syscalls& os, LuaEnd::Kind kind, const std::string& message);

  /// A number for a value without order, in order of first use: what tostring() and pairs() know it by.
  /// REQUIRES: the value is at `index`.
  static lua_Integer ordinal(lua_State* lua, int index);

  LuaThread* current = nullptr;
  std::int64_t instructions_left = 0;

  void refill() { instructions_left = program_.limits_.instructions; }

 private:
  static void count(lua_State* lua, lua_Debug*);

  LuaProgram& program_;
  LuaMemory memory_;
  lua_State* lua_;
  std::deque<LuaThread> threads_;
};

/// The system calls of the thread that runs, while it is inside one: says which it is, and that time passed.
class InCall {
 public:
  InCall(lua_State* lua, const char* name) : process_(LuaProcess::of(lua)), thread_(*process_.current) {
    thread_.call = name;
  }
  ~InCall() {
    process_.current = &thread_;
    thread_.call = nullptr;
    process_.refill();
  }
  InCall(const InCall&) = delete;
  InCall& operator=(const InCall&) = delete;
  Syscalls* operator->() const { return thread_.os; }
  Syscalls& os() const { return *thread_.os; }

 private:
  LuaProcess& process_;
  LuaThread& thread_;
};

// What fills a new state's globals; each leaves the stack as it was.
void open_lua_library(lua_State* lua);    // what is Lua's own, without what would tell kernels or runs apart
void open_lua_constants(lua_State* lua);  // EPOLLIN …
void open_lua_calls(lua_State* lua);      // system calls

/// An error object as text: as it is, by its __tostring, or what it is instead. For who failed and was not joined.
std::string error_text(lua_State* lua);

/// Pushes nil and the errno's name; 2. Lua: what calls return that fail
int push_error(lua_State* lua, std::int64_t negative_errno);
/// Pushes a call's number, or nil and the errno's name.
int push_result(lua_State* lua, std::int64_t result);

}  // namespace stackscope
