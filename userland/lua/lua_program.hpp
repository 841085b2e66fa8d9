#pragma once
// A Lua program: one file, run as the first thread of one process, on whichever kernel its system calls lead to.
//
// The threads of a process share one interpreter state, and each has a Lua thread of its own in it. They are switched
// inside system calls alone: on the model, because nothing else takes time there; on the real kernel, because whoever
// implements Syscalls holds a lock over the rest. docs/lua.md is what a program finds.
//
// Invariant: what runs after a call returned knows again which thread it is (LuaProcess::current).
// Differs:   memory is given back as a whole at the end, and nothing is finalized: no __gc, no __close of what still runs.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stackscope {

class LuaProcess;
class Syscalls;

struct LuaSource {
  std::string name;  // as errors say it: "prog.lua"
  std::string text;
};

struct LuaLimits {
  std::int64_t instructions = 100'000'000;  // between two calls
  std::size_t memory_bytes = 256u << 20;    // of one process
  std::size_t threads = 1000;               // of one process
};

/// How a program ended; its exit code is 0, 1 or 4.
struct LuaEnd {
  enum class Kind : std::uint8_t { kRunning, kFinished, kError, kLimit };
  Kind kind = Kind::kRunning;
  std::string message;  // with file and line
  int exit_code() const { return kind == Kind::kError ? 1 : kind == Kind::kLimit ? 4 : 0; }
};

class LuaProgram {
 public:
  explicit LuaProgram(LuaSource source, LuaLimits limits = {});
  ~LuaProgram();
  LuaProgram(const LuaProgram&) = delete;
  LuaProgram& operator=(const LuaProgram&) = delete;

  /// "prog.lua:3: unexpected symbol near '='"; nothing where it is Lua.
  std::optional<std::string> compile_error() const;

  /// Runs the main chunk on the calling thread, the first of a fresh process, and then os.exit_group(): with 0, with 1
  /// after an uncaught error, with 4 where a limit was reached, by whatever thread. Errors go to standard error.
  void run(Syscalls& os);

  const LuaEnd& end() const { return end_; }

  /// The threads of the first process that sleep in a call, as a person would write it: {3, "join(7)"}.
  std::vector<std::pair<int, std::string>> sleeping_calls() const;

 private:
  friend class LuaProcess;

  LuaSource source_;
  LuaLimits limits_;
  LuaEnd end_;
  std::deque<std::unique_ptr<LuaProcess>> processes_;  // the first, and copies of it for those it forked
};

}  // namespace stackscope
