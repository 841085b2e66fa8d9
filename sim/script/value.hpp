#pragma once
// Values that cross the border between C++ and an expression, and what can go wrong on the other side.

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stackscope::script {

/// Why an expression gave no value.
enum class Fault : std::uint8_t {
  kSyntax,   // not Lua
  kName,     // a name or a field that does not exist
  kRuntime,  // Lua's own complaints, wrong argument types
  kLimit,    // too long, too large, too deep
  kAbsent,   // all names are right, but what is asked about never happened (an empty distribution, no such
             // record)
};

/// Line and column count from 1, in the expression's text; 0 where unknown.
struct ScriptError {
  Fault fault = Fault::kRuntime;
  std::string message;
  int line = 0;
  int column = 0;
};

/// How native functions fail. Caught at the border; never crosses a frame of liblua, which is C.
class ScriptFailure : public std::runtime_error {
 public:
  explicit ScriptFailure(ScriptError what) : std::runtime_error(what.message), error(std::move(what)) {}
  explicit ScriptFailure(std::string message, Fault fault = Fault::kRuntime)
      : ScriptFailure(ScriptError{fault, std::move(message), 0, 0}) {}
  ScriptError error;
};

/// "2" comes before "10": digits count as a number, so that keys such as "worker 10" sort as people do.
struct NaturalOrder {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

/// A function written inside the expression, handed to a native function; valid while that native function
/// runs.
struct ScriptFunction {
  int stack_index = 0;
};

struct Table;
struct Value;
class Call;
using Function = std::function<Value(Call&)>;
using Nil = std::monostate;

struct Value {
  Value() = default;
  Value(std::same_as<bool> auto flag) : is(flag) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T number) : is(static_cast<std::int64_t>(number)) {}
  Value(double number) : is(number) {}
  Value(std::string text) : is(std::move(text)) {}
  Value(std::string_view text) : is(std::string{text}) {}
  Value(const char* text) : is(std::string{text}) {}
  Value(std::shared_ptr<const Table> table) : is(std::move(table)) {}
  Value(Table table);
  Value(Function function) : is(std::make_shared<const Function>(std::move(function))) {}
  Value(ScriptFunction function) : is(function) {}

  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&is);
  }
  const Table* table() const;

  std::variant<Nil, bool, std::int64_t, double, std::string, std::shared_ptr<const Table>,
               std::shared_ptr<const Function>, ScriptFunction>
      is;
};

/// Named values under one name. Read-only for expressions; a field that is not there is an error that lists
/// those that are, never nil. `t[3]` finds the field "3".
struct Table {
  std::string path;  // how an expression says it: "request.latency"
  std::map<std::string, Value, NaturalOrder> fields;
  std::map<std::string, std::string> absent;  // fields that would exist had it happened, and why they do not
  bool observed = true;                       // report the fields that were read beside the expectation

  /// Throws ScriptFailure: kName for an unknown field, kAbsent for one of `absent`.
  const Value& field(std::string_view name) const;
};

/// A native function's view of its caller.
class Call {
 public:
  explicit Call(std::span<const Value> given) : arguments(given) {}
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Calls a function that was among the arguments. Throws ScriptFailure with what it raised.
  virtual Value invoke(const ScriptFunction& function, const Value& argument) = 0;
  /// Pays for work out of the expression's instruction limit. Throws ScriptFailure when it is used up.
  virtual void spend(std::int64_t steps) = 0;
  /// Notes what was looked at, to be told beside the result: observe("first('nic:frame_arrived')", 1200).
  virtual void observe(std::string name, Value value) = 0;

  // The arguments as what they must be; throw ScriptFailure naming the position and what was given instead.
  const std::string& text(std::size_t index) const;
  const Table& table(std::size_t index) const;
  double number(std::size_t index) const;

  std::span<const Value> arguments;
};

/// "nil", "boolean", "number", "string", "table", "function".
std::string_view type_name(const Value& value);

}  // namespace stackscope::script
