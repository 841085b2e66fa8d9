#include "userland/lua/process.hpp"

#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

#include "userland/lua/handles.hpp"
#include "userland/lua/libraries.hpp"
#include "userland/lua/texts.hpp"

namespace stackscope::lua {
namespace {

constexpr int kInstructionsACheck = 100;
constexpr int kExitError = 1, kExitLimit = 4;

/// A function with very many arguments copies them in single instructions: 64 of them count as one.
std::int64_t dear_arguments(lua_State* lua, const lua_Debug* where) {
  std::int64_t found = 0;
  for (int n = 1024; lua_getlocal(lua, where, -n) != nullptr; n *= 2) {
    lua_pop(lua, 1);
    found = n;
  }
  return kInstructionsACheck * found / 64;
}

/// Lua: a message handler. Notes message and traceback in the thread; the error object stays what it is.
int note_failure(lua_State* lua) {
  push_error_text(lua, 1);
  luaL_traceback(lua, lua, lua_tostring(lua, -1), 1);
  thread_of(lua).failure = lua_tostring(lua, -1);
  lua_settop(lua, 1);
  return 1;
}

/// Lua: answers a table of its arguments.
int pack(lua_State* lua) {
  const int values = lua_gettop(lua);
  lua_createtable(lua, values, 1);
  lua_insert(lua, 1);
  for (int i = values; i >= 1; --i) lua_rawseti(lua, 1, i);
  lua_pushinteger(lua, values);
  lua_setfield(lua, 1, "n");
  return 1;
}

int open_everything(lua_State* lua) {
  open_libraries(lua);
  return 0;
}

}  // namespace

void print_error(Syscalls& os, const std::string& text) {
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    os.print(STDERR_FILENO, std::string_view(text).substr(from, end - from));
    from = end + 1;
  }
}

Process::Process(Family& family) : family_(family), heap_(family.limits) {
  lua_ = lua_newstate(&Heap::allocate, &heap_);
  if (lua_ != nullptr) add_thread(lua_);
}

const char* Process::open() {
  if (lua_ == nullptr) return "not enough memory";
  lua_pushcfunction(lua_, &open_everything);
  if (lua_pcall(lua_, 0, 0, 0) != LUA_OK) return lua_tostring(lua_, -1);
  watch();
  return nullptr;
}

void Process::watch() { lua_sethook(lua_, &Process::on_count, LUA_MASKCOUNT, kInstructionsACheck); }

Thread& Process::add_thread(lua_State* stack) {
  Thread& thread = threads_.emplace_back(*this);
  thread.lua = stack;
  lend_to(stack, thread);
  return thread;
}

void Process::on_count(lua_State* lua, lua_Debug* where) {
  spend(lua, kInstructionsACheck + dear_arguments(lua, where));
}

int Process::call(Thread& thread, int arguments) {
  lua_State* const lua = thread.lua;
  const int function = lua_gettop(lua) - arguments;
  thread.state = Thread::State::kRunning;
  lua_pushcfunction(lua, &note_failure);
  lua_insert(lua, function);
  int status = lua_pcall(lua, arguments, LUA_MULTRET, function);
  if (status == LUA_OK) {
    lua_pushcfunction(lua, &pack);
    lua_insert(lua, function + 1);
    status = lua_pcall(lua, lua_gettop(lua) - function - 1, 1, function);
  }
  thread.call = {};
  if (status != LUA_OK && is_limit(status)) report_limit(lua);
  if (status == LUA_ERRMEM) thread.failure = "stack overflow";
  if (status == LUA_ERRERR) thread.failure = "error in error handling";
  lua_remove(lua, function);
  thread.state = status == LUA_OK ? Thread::State::kReturned : Thread::State::kFailed;
  return status;
}

void Process::run_thread(Thread& thread, Syscalls& os) {
  thread.os = &os;
  if (thread.tid == 0) thread.tid = os.gettid();
  heap_.refill();
  call(thread, lua_gettop(thread.lua) - 1);
  keep_result(thread);
  count_thread(-1);
  thread.os = nullptr;
}

void Process::run_program(Syscalls& os) {
  Thread& thread = main_thread();
  thread.os = &os;
  thread.tid = os.gettid();
  heap_.refill();
  if (call(thread, 0) != LUA_OK) {
    return end_program(thread, {LuaEnd::Kind::kError, thread.failure}, kExitError);
  }
  if (!report_unjoined(thread)) end_program(thread, {LuaEnd::Kind::kFinished}, 0);
}

int Process::run_child(Syscalls& os, int arguments) {
  Thread& thread = main_thread();
  thread.os = &os;
  thread.tid = os.gettid();
  heap_.refill();
  const int status = call(thread, arguments);
  int code = status == LUA_OK ? 0 : kExitError;
  if (status == LUA_OK) {
    lua_rawgeti(lua_, -1, 1);
    if (lua_isinteger(lua_, -1)) code = static_cast<int>(lua_tointeger(lua_, -1));
  } else {
    print_error(os, thread.failure);
  }
  end_children(os);
  thread.os = nullptr;
  end_.kind = status == LUA_OK ? LuaEnd::Kind::kFinished : LuaEnd::Kind::kError;
  if (alive_ == 1) heap_.release(), lua_ = nullptr, thread.lua = nullptr;
  return code;
}

bool Process::report_unjoined(Thread& main) {
  for (Thread& thread : threads_) {
    if (thread.state != Thread::State::kFailed || thread.was_joined) continue;
    end_program(main, {LuaEnd::Kind::kError, thread.failure}, kExitError);
    return true;
  }
  return false;
}

void Process::report_limit(lua_State* lua) {
  if (end_.kind != LuaEnd::Kind::kRunning) return;
  Thread& thread = thread_of(lua);
  std::string& message = thread.failure;  // whose owner outlives this fiber
  message = place_of(lua);
  if (heap_.is_spent()) {
    message += fmt::format("no call within {} instructions: the program is ended", limits().instructions);
  } else {
    message += fmt::format("more than {} MiB of memory: the program is ended", limits().memory_bytes >> 20);
  }
  end_program(thread, {LuaEnd::Kind::kLimit, std::move(message)}, kExitLimit);
}

void Process::end_by_limit(lua_State* lua) {
  report_limit(lua);
  heap_.refill();  // only where exit_group() returns
  lua_settop(lua, 0);
  lua_pushnil(lua);
  lua_error(lua);
  std::abort();  // lua_error() does not return
}

void Process::end_program(Thread& thread, LuaEnd end, int exit_code) {
  end_ = std::move(end);
  if (!end_.message.empty()) print_error(*thread.os, end_.message);
  end_children(*thread.os);
  thread.os->exit_group(exit_code);
}

void Process::end_children(Syscalls& os) {
  for (std::size_t i = 0; i < children_.size(); ++i) os.kill(children_[i], SIGKILL);
}

}  // namespace stackscope::lua
