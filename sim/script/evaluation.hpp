#pragma once
// One evaluation: a lua_State and the border to it. Internal to sim/script.
//
// liblua is C and reports errors with longjmp, which skips destructors. So there are two kinds of functions
// here: those on a raw Lua frame hold no C++ objects and may raise; those run by `guarded` may hold what they
// like and throw, and memory limits are lifted meanwhile, so that no Lua call made there raises.

#include <lua.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "sim/script/budget.hpp"
#include "sim/script/lexer.hpp"
#include "sim/script/sandbox.hpp"

namespace stackscope::script {

class Evaluation {
 public:
  Evaluation(std::string_view source, const Limits& limits, const Resolver* resolve,
             std::span<const std::string> known);
  ~Evaluation() = default;
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  /// Syntax alone; the compiled expression stays on the stack.
  std::optional<ScriptError> compile();
  /// REQUIRES: compile() said nothing.
  Evaluated run();

  static Evaluation& of(lua_State* lua) { return **static_cast<Evaluation**>(lua_getextraspace(lua)); }
  lua_State* lua() const { return lua_.get(); }
  Budget& budget() { return budget_; }
  const std::vector<Token>& tokens() const { return tokens_; }

  void observe(std::string name, Value value);
  Value resolve(std::string_view name) const;
  ScriptError unknown_name(std::string_view name) const;
  /// `error` is about field `key`: finds where the expression says it.
  ScriptError placed_at_field(std::string_view key, ScriptError error) const;

  /// Keeps why C++ failed while Lua unwinds to the next protected call.
  void keep(ScriptError error) { failure_ = std::move(error); }
  /// After a protected call failed: why. Takes the error object off the stack.
  ScriptError take_failure();
  /// lua_pcall with the memory limit in force.
  int protected_call(int arguments, int results);

 private:
  struct Close {
    void operator()(lua_State* lua) const { lua_close(lua); }
  };
  std::optional<ScriptError> refused_token() const;
  ScriptError syntax_error(std::size_t bytes_read);
  ScriptError placed(ScriptError error) const;

  std::string_view source_;
  std::vector<Token> tokens_;
  Budget budget_;
  const Resolver* resolve_;
  std::span<const std::string> known_;
  std::vector<Observation> seen_;
  std::optional<ScriptError> failure_;
  std::unique_ptr<lua_State, Close> lua_;  // last: closing it uses the budget
};

/// Converts and pushes; only where limits are lifted. Throws ScriptFailure where a value cannot cross.
void push(lua_State* lua, const Value& value);
Value value_at(lua_State* lua, int index);

/// Runs `body` with limits lifted. What it throws is kept, and the answer is −1; then nothing is on the
/// frame's stack.
int guarded(lua_State* lua, int (*body)(lua_State*)) noexcept;

/// A lua_CFunction whose body is C++.
template <int (*Body)(lua_State*)>
int border(lua_State* lua) {
  const int results = guarded(lua, Body);
  if (results >= 0) return results;
  lua_pushnil(lua);  // the reason is kept beside
  return lua_error(lua);
}

/// Registers the metatables of what is pushed.
void open_border(lua_State* lua);
/// Fills a new state: metatables, built-in functions, the environment (left on the stack).
void open_builtins(lua_State* lua);

}  // namespace stackscope::script
