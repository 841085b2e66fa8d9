#pragma once
// A sandbox for expressions in Lua 5.4: `kernel_wakeups_per_connection.mean == 8`.
//
// An expression is the text after `return`; it has one value. Each evaluation has a lua_State of its own, so
// that nothing an expression does can be seen by the next one. It cannot reach the machine, the clock,
// addresses or chance:
//
//   there are   math (exact functions only; no random, no sin), string (byte char format len lower rep
//   reverse sub upper),
//               ipairs select tonumber tostring type, and abs between min max p50 p90 p99 sum ns us ms s KiB
//               MiB
//   there are   no os io package debug coroutine table utf8, no load require dofile collectgarbage, no
//   metatables,
//               no pcall (it could catch the limits), no pairs or next (order by address), no patterns (their
//               time is not bounded by their length)
//   limits      instructions, memory, length of a string, C stack (liblua's own 200 levels), length of the
//   text
//
// A name is a built-in, or what the resolver says, or an error; never nil. Tables from outside are read-only
// and as strict.
//
// Differs: `^` is the C library's pow(), and comparison of strings its strcoll(), in the "C" locale unless a
// program
//          calls setlocale. Nobody notices unless two C libraries differ.
// Errors:  memory that the machine does not have (not the limit) ends the process, as std::bad_alloc would.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/script/value.hpp"

namespace stackscope::script {

struct Limits {
  std::int64_t instructions =
      100'000'000;  // about a second; memory handed out costs an instruction for 64 bytes
  std::size_t memory_bytes = 1u << 20;
  std::size_t string_bytes = 16u << 10;  // so that comparing two strings stays as cheap as other instructions
  std::size_t expression_bytes = 16u << 10;
};

/// What an expression looked at: "kernel_wakeups_per_connection.mean", 2.0. In order of first use, at
/// most 32.
struct Observation {
  std::string name;
  Value value;
};

struct Evaluated {
  std::variant<Value, ScriptError> result;
  std::vector<Observation> seen;

  const ScriptError* error() const { return std::get_if<ScriptError>(&result); }
  const Value* value() const { return std::get_if<Value>(&result); }
};

/// Gives a free name its value. May throw ScriptFailure (kAbsent: exists, but never happened).
using Resolver = std::function<std::optional<Value>(std::string_view name)>;

class Sandbox {
 public:
  explicit Sandbox(Limits limits = {}) : limits_(limits) {}

  /// REQUIRES: `known` are the names that `resolve` answers to; they serve for suggestions only.
  Evaluated evaluate(std::string_view expression, const Resolver& resolve,
                     std::span<const std::string> known = {}) const;

  /// What can be found without running it: syntax, unknown names, all of them. Empty where there is nothing
  /// to say.
  ///
  /// `known` may hold paths: where it has "latency.p99", then "latency" is a table, its field `p98` is
  /// unknown, and comparing `latency` itself with == is an error (in Lua it would quietly be false).
  std::vector<ScriptError> check(std::string_view expression, std::span<const std::string> known) const;

  /// The names of this file's head.
  static std::span<const std::string> builtin_names();

 private:
  Limits limits_;
};

}  // namespace stackscope::script
