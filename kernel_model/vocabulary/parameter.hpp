#pragma once
// Parameters: everything that a person may set, declared once. The scenario reader, `--help`, the JSON
// schema, the window's knobs and the docs all come from these declarations.

#include <cassert>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernel_model/vocabulary/quantity.hpp"
#include "sim/time.hpp"

namespace stackscope {

enum class ParameterKind : std::uint8_t {
  kInteger,   // 4096
  kIntegers,  // "4096 131072 6291456" as sysctl(8) writes it, or [4096, 131072, 6291456]; never descending
  kFlag,      // true
  kChoice,    // one of a few words
  kText,      // any text
  kDuration,  // "50us"; in nanoseconds
  kSize,      // "64KiB"; in bytes
  kRate,      // "1Gbit/s"; in bits a second
  kAddress,   // "server:80": a host or peer of the scenario, and a port
};

struct Parameter {
  std::string_view name;
  ParameterKind kind = ParameterKind::kText;
  std::string_view unit = {};  // for people: "CPUs", "frames"; quantities carry theirs
  std::int64_t min = 0;        // in the base unit; for integers, durations, sizes and rates
  std::int64_t max = INT64_MAX;
  std::string_view fallback = {};  // the default as a person writes it
  std::string_view sentence = {};
  std::string_view choices = {};  // "level|edge"; for kInteger the only values allowed: "100|250|1000"
  std::string_view word = {};     // a word that may stand for a number: "never", "2 jiffies" …
  std::int64_t word_value = 0;    // … and the number that the model then sees
  std::size_t count = 0;          // kIntegers: how many
  bool required = false;          // has no default
  bool changeable = false;        // while the simulation runs

  constexpr Parameter with_word(std::string_view w, std::int64_t value) const {
    Parameter p = *this;
    return p.word = w, p.word_value = value, p;
  }
  constexpr Parameter only(std::string_view values) const {
    Parameter p = *this;
    return p.choices = values, p;
  }
  constexpr Parameter while_running() const {
    Parameter p = *this;
    return p.changeable = true, p;
  }
  constexpr Parameter needed() const {
    Parameter p = *this;
    return p.required = true, p;
  }
};

/// How tables of parameters are written: `parameter::integer("cpus", "CPUs", 1, 64, "1", "How many CPUs …")`.
namespace parameter {
using Name = std::string_view;
using Text = std::string_view;

constexpr Parameter integer(Name name, Text unit, std::int64_t min, std::int64_t max, Text fallback,
                            Text sentence) {
  return {name, ParameterKind::kInteger, unit, min, max, fallback, sentence};
}
constexpr Parameter integers(Name name, Text unit, std::size_t count, std::int64_t min, std::int64_t max,
                             Text fallback, Text sentence) {
  Parameter p{name, ParameterKind::kIntegers, unit, min, max, fallback, sentence};
  return p.count = count, p;
}
constexpr Parameter flag(Name name, Text fallback, Text sentence) {
  return {name, ParameterKind::kFlag, {}, 0, 1, fallback, sentence};
}
constexpr Parameter choice(Name name, Text choices, Text fallback, Text sentence) {
  return Parameter{name, ParameterKind::kChoice, {}, 0, 0, fallback, sentence}.only(choices);
}
constexpr Parameter text(Name name, Text fallback, Text sentence) {
  return {name, ParameterKind::kText, {}, 0, 0, fallback, sentence};
}
constexpr Parameter duration(Name name, Duration min, Duration max, Text fallback, Text sentence) {
  return {name, ParameterKind::kDuration, {}, min.count(), max.count(), fallback, sentence};
}
constexpr Parameter size(Name name, std::int64_t min, std::int64_t max, Text fallback, Text sentence) {
  return {name, ParameterKind::kSize, {}, min, max, fallback, sentence};
}
constexpr Parameter rate(Name name, std::int64_t min, std::int64_t max, Text fallback, Text sentence) {
  return {name, ParameterKind::kRate, {}, min, max, fallback, sentence};
}
constexpr Parameter address(Name name, Text sentence) {
  return Parameter{name, ParameterKind::kAddress, {}, 0, 0, {}, sentence}.needed();
}
}  // namespace parameter

/// The words of "a|b|c".
std::vector<std::string> choices_of(const Parameter& parameter);

/// The parameter of that name, or null.
const Parameter* find_parameter(std::span<const Parameter> parameters, std::string_view name);

/// Something as a person wrote it. `std::monostate` is what no parameter takes (a date, a table); `what`
/// names it.
struct Written {
  std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::int64_t>> value;
  std::string_view what;  // "a date": for messages
};

struct Address {
  std::string_view host;
  std::uint16_t port;
};

/// One resolved value.
struct Argument {
  ParameterKind kind = ParameterKind::kText;
  std::int64_t number = 0;  // integers, flags and quantities, in the base unit
  std::string text;         // choices and texts; an address's host
  std::vector<std::int64_t> numbers;
  bool is_word = false;  // the parameter's word was written

  bool operator==(const Argument&) const = default;
};

struct ParsedArgument {
  Argument argument;
  std::optional<Complaint> complaint;
};

/// Reads what was written as a value of that parameter: type, unit and range are checked.
ParsedArgument parse_argument(const Parameter& parameter, const Written& written);

/// The parameter's default. REQUIRES: it has one.
Argument default_argument(const Parameter& parameter);

/// As a person writes it, canonically; parse_argument() gives the value back.
std::string print_argument(const Parameter& parameter, const Argument& argument);

/// The range and default for a person: "1 to 64 CPUs; default 1".
std::string describe_range(const Parameter& parameter);

/// Resolved values by name. Asking for a name that was not declared, or as another kind, is our bug and
/// asserts.
class Arguments {
 public:
  Arguments() = default;
  /// Every parameter that has a default, at its default.
  explicit Arguments(std::span<const Parameter> parameters);

  void set(std::string_view name, Argument argument);
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }

  std::int64_t integer(std::string_view name) const { return get(name, ParameterKind::kInteger).number; }
  bool flag(std::string_view name) const { return get(name, ParameterKind::kFlag).number != 0; }
  /// Choices and texts.
  std::string_view text(std::string_view name) const;
  Duration duration(std::string_view name) const {
    return Duration::ns(get(name, ParameterKind::kDuration).number);
  }
  std::int64_t bytes(std::string_view name) const { return get(name, ParameterKind::kSize).number; }
  std::int64_t bits_per_second(std::string_view name) const { return get(name, ParameterKind::kRate).number; }
  std::span<const std::int64_t> integers(std::string_view name) const {
    return get(name, ParameterKind::kIntegers).numbers;
  }
  Address address(std::string_view name) const;
  const Argument& at(std::string_view name) const;

  bool operator==(const Arguments&) const = default;

 private:
  const Argument& get(std::string_view name, ParameterKind kind) const;
  std::map<std::string, Argument, std::less<>> values_;
};

}  // namespace stackscope
