#include "userland/lua/lua_process.hpp"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "kernel_model/syscalls.hpp"
#include "userland/lua/state_copy.hpp"

namespace stackscope {

namespace {

constexpr int kHookEvery = 1000;  // instructions

}  // namespace

// --- memory ----------------------------------------------------------------------------------------------------------

LuaMemory::~LuaMemory() {
  for (Header* block = all_.next; block != &all_;) std::free(std::exchange(block, block->next));
}

void* LuaMemory::allocate(void* memory, void* block, std::size_t old_size, std::size_t new_size) {
  LuaMemory& self = *static_cast<LuaMemory*>(memory);
  Header* const header = block == nullptr ? nullptr : static_cast<Header*>(block) - 1;
  const std::size_t had = block == nullptr ? 0 : old_size;
  if (new_size > had && new_size - had > self.limit_ - self.used_) return nullptr;
  if (header != nullptr) {
    header->previous->next = header->next;
    header->next->previous = header->previous;
  }
  self.used_ -= had;
  if (new_size == 0) return std::free(header), nullptr;
  Header* moved = static_cast<Header*>(std::realloc(header, new_size + sizeof(Header)));
  const bool has_memory = moved != nullptr;
  if (!has_memory) moved = header;  // the old block stays
  if (moved != nullptr) {
    *moved = {&self.all_, self.all_.next};
    moved->next->previous = moved;
    self.all_.next = moved;
    self.used_ += has_memory ? new_size : had;
  }
  return has_memory ? moved + 1 : nullptr;
}

// --- the state -------------------------------------------------------------------------------------------------------

LuaProcess::LuaProcess(LuaProgram& program)
    : program_(program),
      memory_(program.limits_.memory_bytes),
      lua_(lua_newstate(&LuaMemory::allocate, &memory_)) {
  *static_cast<LuaProcess**>(lua_getextraspace(lua_)) = this;
  open_lua_library(lua_);
  open_lua_constants(lua_);
  open_lua_calls(lua_);
  lua::remember_library(lua_);
  lua_sethook(lua_, &LuaProcess::count, LUA_MASKCOUNT, kHookEvery);
  refill();
}

int LuaProcess::load() {
  const LuaSource& source = program_.source_;
  return luaL_loadbufferx(lua_, source.text.data(), source.text.size(), ("=" + source.name).c_str(), "t");
}

// Inherited by every thread and coroutine. Lua: lua_Hook
void LuaProcess::count(lua_State* lua, lua_Debug*) {
  LuaProcess& self = of(lua);
  self.instructions_left -= kHookEvery;
  if (self.instructions_left > 0 || self.current == nullptr) return;
  luaL_where(lua, 0);
  const char* const where = lua_tostring(lua, -1);
  self.stop(*self.current->os, LuaEnd::Kind::kLimit,
            std::string(where) + std::to_string(self.program_.limits_.instructions) +
                " instructions without a call: it would run for ever");
  luaL_error(lua, "the program has ended");
}

void LuaProcess::stop(Syscalls& os, LuaEnd::Kind kind, const std::string& message) {
  if (this == program_.processes_.front().get() && program_.end_.kind == LuaEnd::Kind::kRunning) {
    program_.end_ = {kind, message};
  }
  if (!message.empty()) os.print(STDERR_FILENO, message);
  os.exit_group(LuaEnd{kind, {}}.exit_code());
}

// --- threads ---------------------------------------------------------------------------------------------------------

LuaThread& LuaProcess::add_thread(Syscalls& os, lua_State* lua, int tid) {
  return threads_.emplace_back(&os, lua, tid);
}

LuaThread& LuaProcess::thread_of(Syscalls& os, lua_State* lua) {
  for (LuaThread& thread : threads_) {
    if (thread.lua == lua) return thread.os = &os, thread;
  }
  return threads_.emplace_back(&os, lua, 0);
}

void LuaProcess::name_thread(lua_State* lua, int tid) {
  for (LuaThread& thread : threads_) {
    if (thread.lua == lua) return void(thread.tid = tid);
  }
  threads_.emplace_back(nullptr, lua, tid);
}

LuaProcess& LuaProcess::add_process() {
  return *program_.processes_.emplace_back(std::make_unique<LuaProcess>(program_));
}

int LuaProcess::run_forked(Syscalls& os, int arguments) {
  LuaThread& first = add_thread(os, lua_, os.gettid());
  run(first, arguments);
  if (first.failed) {
    os.print(STDERR_FILENO, error_text(lua_));
    return 1;
  }
  return first.results > 0 ? static_cast<int>(lua_tointeger(lua_, -first.results)) : 0;
}

LuaThread* LuaProcess::find_thread(int tid) {
  for (LuaThread& thread : threads_) {
    if (thread.tid == tid) return &thread;
  }
  return nullptr;
}

std::string error_text(lua_State* lua) {
  if (lua_type(lua, -1) != LUA_TSTRING) {
    lua_pushcfunction(lua, [](lua_State* of) {  // protected: __tostring is the program's own
      return luaL_callmeta(of, 1, "__tostring");
    });
    lua_pushvalue(lua, -2);
    if (lua_pcall(lua, 1, 1, 0) != LUA_OK || lua_type(lua, -1) != LUA_TSTRING) {
      lua_pop(lua, 1);
      return std::string("(error object is a ") + luaL_typename(lua, -1) + " value)";
    }
  }
  std::size_t length = 0;
  const char* const text = lua_tolstring(lua, -1, &length);
  return {text, length};
}

void LuaProcess::run(LuaThread& thread, int arguments) {
  current = &thread;
  refill();
  lua_State* const lua = thread.lua;
  const int function = lua_gettop(lua) - arguments;
  thread.failed = lua_pcall(lua, arguments, LUA_MULTRET, 0) != LUA_OK;
  thread.results = lua_gettop(lua) - function + 1;
  thread.is_done = true;
}

// --- the program -----------------------------------------------------------------------------------------------------

LuaProgram::LuaProgram(LuaSource source, LuaLimits limits) : source_(std::move(source)), limits_(limits) {
  processes_.push_back(std::make_unique<LuaProcess>(*this));
}
LuaProgram::~LuaProgram() = default;

std::optional<std::string> LuaProgram::compile_error() const {
  LuaProcess& process = *processes_.front();
  std::optional<std::string> error;
  if (process.load() != LUA_OK) error = lua_tostring(process.lua(), -1);
  lua_pop(process.lua(), 1);
  return error;
}

void LuaProgram::run(Syscalls& os) {
  LuaProcess& process = *processes_.front();
  lua_State* const lua = process.lua();
  LuaThread& first = process.add_thread(os, lua, os.gettid());
  if (process.load() != LUA_OK) return process.stop(os, LuaEnd::Kind::kError, lua_tostring(lua, -1));
  process.run(first, 0);
  if (first.failed) return process.stop(os, LuaEnd::Kind::kError, error_text(lua));
  for (const LuaThread& thread : process.threads()) {
    if (thread.failed && !thread.was_joined) {
      return process.stop(os, LuaEnd::Kind::kError, error_text(thread.lua));
    }
  }
  process.stop(os, LuaEnd::Kind::kFinished, "");
}

std::vector<std::pair<int, std::string>> LuaProgram::sleeping_calls() const {
  std::vector<std::pair<int, std::string>> calls;
  for (const LuaThread& thread : processes_.front()->threads()) {
    if (!thread.is_done && thread.call != nullptr) calls.emplace_back(thread.tid, thread.call);
  }
  return calls;
}

}  // namespace stackscope
