#pragma once
// A program written in Lua 5.4, which knows the machine by `Syscalls` alone: the same file runs on the model and on the
// real kernel. docs/lua.md is its manual.
//
// Each Lua thread is a coroutine of one state that runs on its own C stack, of at least 1 MiB (liblua's recursion needs
// it). Threads of a process never run Lua at the same instant: they are switched inside calls only. So the runtime needs
// no lock; where threads are real, whoever implements `Syscalls` puts one down around each call.
//
// Differs: `#` of a list with holes is any border, and which one may differ from run to run. Comparing two long strings
//          is one instruction, whatever their length.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kernel_model/syscalls.hpp"

namespace stackscope {

/// What the program finds in its global table `args`.
using LuaValue = std::variant<bool, std::int64_t, std::string>;
using LuaArguments = std::vector<std::pair<std::string, LuaValue>>;

/// `name` as errors show it: "prog.lua".
struct LuaSource {
  std::string name;
  std::string text;
  LuaArguments args = {};
};

struct LuaLimits {
  std::int64_t instructions = 100'000'000;  // between two calls
  std::size_t memory_bytes = 256u << 20;    // a process
  std::size_t threads = 1000;               // of a process, at a time
};

/// What ended the program; its exit code is 0, 1 or 4.
struct LuaEnd {
  enum class Kind : std::uint8_t { kRunning, kFinished, kError, kLimit } kind = Kind::kRunning;
  std::string message = {};  // may have several lines; the first begins with file and line
  int exit_code() const { return kind == Kind::kError ? 1 : kind == Kind::kLimit ? 4 : 0; }
};

/// The longest program.
inline constexpr std::size_t kLongestLuaProgram = 256u << 10;

class LuaProgram {
 public:
  explicit LuaProgram(LuaSource source, LuaLimits limits = {});
  ~LuaProgram();
  LuaProgram(const LuaProgram&) = delete;
  LuaProgram& operator=(const LuaProgram&) = delete;

  /// Syntax errors as "prog.lua:3: …"; nothing where it compiles.
  std::optional<std::string> compile_error() const;

  /// Runs the main chunk on the calling thread of a fresh process, and ends by os.exit_group() with 0, 1 or 4, from
  /// whichever thread finds the end. Errors are printed to stream 2, with file, line and traceback. Once.
  void run(Syscalls& os);

  const LuaEnd& end() const;

  /// The threads inside a call, as (gettid(), "epoll_wait(4, 8, -1)"), those of child processes too. For saying why nothing
  /// goes on. REQUIRES: no thread of the program runs meanwhile.
  std::vector<std::pair<int, std::string>> sleeping_calls() const;

  /// What ended threads that nobody has joined yet: at the end of the main chunk it would end the program.
  std::vector<std::string> unjoined_errors() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// docs/lua.md: every call with an example.
std::string lua_reference();

}  // namespace stackscope
