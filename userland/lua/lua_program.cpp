#include "userland/lua/lua_program.hpp"

#include <unistd.h>

#include "userland/lua/process.hpp"
#include "userland/lua/reference.hpp"

namespace stackscope {

class LuaProgram::State {
 public:
  State(LuaSource source, LuaLimits limits) : source_(std::move(source)), family_(limits) {
    main_ = family_.processes.emplace_back(std::make_unique<lua::Process>(family_)).get();
    error_ = compile();
  }

  const std::optional<std::string>& error() const { return error_; }
  const std::deque<std::unique_ptr<lua::Process>>& processes() const { return family_.processes; }
  const LuaEnd& end() const { return error_ ? compile_end_ : main_->end(); }

  void run(Syscalls& os) {
    if (!error_) return main_->run_program(os);
    compile_end_ = {LuaEnd::Kind::kError, *error_};
    lua::print_error(os, *error_);
    os.exit_group(1);
  }

 private:
  /// Leaves the main chunk on the main thread's stack.
  std::optional<std::string> compile() {
    if (source_.text.size() > kLongestLuaProgram)
      return source_.name + ":1: a program is at most 256 KiB long";
    if (const char* const error = main_->open()) return source_.name + ": " + error;
    lua_State* const lua = main_->lua();
    lua_pushcfunction(lua, &set_arguments);
    lua_pushlightuserdata(lua, &source_.args);
    if (lua_pcall(lua, 1, 0, 0) != LUA_OK) return source_.name + ": " + lua_tostring(lua, -1);
    const std::string name = "@" + source_.name;
    const char* text = source_.text.data();
    std::size_t size = source_.text.size();
    if (size > 0 && *text == '#') {  // "#!" of a script; its line keeps its number
      const std::size_t line = std::min(source_.text.find('\n'), size);
      text += line, size -= line;
    }
    if (luaL_loadbufferx(lua, text, size, name.c_str(), "t") == LUA_OK) return std::nullopt;
    std::string error = lua_tostring(lua, -1);
    lua_settop(lua, 0);
    return error;
  }

  /// Under Lua, which may run out of memory.
  static int set_arguments(lua_State* lua) {
    const auto& args = *static_cast<const LuaArguments*>(lua_touserdata(lua, 1));
    lua_newtable(lua);
    for (const auto& [name, value] : args) {
      lua_pushlstring(lua, name.data(), name.size());
      push(lua, value);
      lua_rawset(lua, -3);
    }
    lua_setglobal(lua, "args");
    return 0;
  }
  static void push(lua_State* lua, const LuaValue& value) {
    if (const auto* const flag = std::get_if<bool>(&value)) {
      lua_pushboolean(lua, *flag ? 1 : 0);
    } else if (const auto* const number = std::get_if<std::int64_t>(&value)) {
      lua_pushinteger(lua, *number);
    } else {
      const auto& text = std::get<std::string>(value);
      lua_pushlstring(lua, text.data(), text.size());
    }
  }

  LuaSource source_;
  lua::Family family_;
  lua::Process* main_ = nullptr;
  std::optional<std::string> error_;
  LuaEnd compile_end_;
};

LuaProgram::LuaProgram(LuaSource source, LuaLimits limits)
    : state_(std::make_unique<State>(std::move(source), limits)) {}
LuaProgram::~LuaProgram() = default;

std::optional<std::string> LuaProgram::compile_error() const { return state_->error(); }
void LuaProgram::run(Syscalls& os) { state_->run(os); }
const LuaEnd& LuaProgram::end() const { return state_->end(); }

std::vector<std::pair<int, std::string>> LuaProgram::sleeping_calls() const {
  std::vector<std::pair<int, std::string>> calls;
  for (const auto& process : state_->processes()) {
    for (const lua::Thread& thread : process->threads()) {
      if (thread.lua == nullptr || thread.call.name == nullptr) continue;
      calls.emplace_back(thread.tid, lua::text_of(thread.call));
    }
  }
  return calls;
}

std::vector<std::string> LuaProgram::unjoined_errors() const {
  std::vector<std::string> errors;
  for (const auto& process : state_->processes()) {
    for (const lua::Thread& thread : process->threads()) {
      if (thread.state == lua::Thread::State::kFailed && !thread.was_joined) errors.push_back(thread.failure);
    }
  }
  return errors;
}

}  // namespace stackscope
