#include "runner/expectations.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "runner/always_true.hpp"
#include "sim/script/lexer.hpp"
#include "sim/suggest.hpp"

namespace stackscope {
namespace {

using script::Fault;
using script::ScriptError;
using script::Value;

bool contains(std::span<const std::string> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Record names are strings, so the sandbox does not know them for names.
std::vector<ScriptError> unknown_records(const std::string& that, const script::NamesInUse& used,
                                         std::span<const std::string> records) {
  std::vector<ScriptError> errors;
  for (const script::LiteralArgument& literal : used.literals) {
    if (!contains(record_function_names(), literal.function) || contains(records, literal.text)) continue;
    const script::Position place = script::position_at(that, literal.offset);
    const std::string meant = suggestion(literal.text, records);
    std::string message = fmt::format("no record is called '{}'", literal.text);
    if (!meant.empty()) message += fmt::format("; did you mean '{}'?", meant);
    errors.push_back({Fault::kName, std::move(message), place.line, place.column});
  }
  return errors;
}

/// Syntax, unknown names, and unknown records.
std::vector<ScriptError> check_text(const std::string& text, std::vector<std::string> known,
                                    std::span<const std::string> records, const script::NamesInUse& used) {
  const auto functions = record_function_names();
  known.insert(known.end(), functions.begin(), functions.end());
  std::vector<ScriptError> errors = script::Sandbox{}.check(text, known);
  if (!errors.empty() && errors.front().fault != Fault::kName) return errors;
  const std::vector<ScriptError> wrong = unknown_records(text, used, records);
  errors.insert(errors.end(), wrong.begin(), wrong.end());
  return errors;
}

bool looks_at_the_run(const script::NamesInUse& used) {
  const auto builtins = script::Sandbox::builtin_names();
  return std::any_of(used.names.begin(), used.names.end(), [&](const script::NameUse& use) {
    const std::string_view head = use.chain.front().text;
    return !contains(builtins, head) && head != "math" && head != "string";
  });
}

std::string told(const std::vector<script::Observation>& seen) {
  std::string text;
  for (const script::Observation& one : seen) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} was {}", one.name, format_value(one.value));
  }
  return text;
}

Verdict verdict_of(script::Evaluated done) {
  Verdict verdict;
  verdict.seen = std::move(done.seen);
  if (const ScriptError* error = std::get_if<ScriptError>(&done.result)) {
    verdict.outcome = error->fault == Fault::kAbsent ? Verdict::Outcome::kFailed : Verdict::Outcome::kError;
    verdict.reason = error->message;
    verdict.error = *error;
    return verdict;
  }
  const Value& value = std::get<Value>(done.result);
  if (const bool* holds = value.get_if<bool>()) {
    verdict.outcome = *holds ? Verdict::Outcome::kPassed : Verdict::Outcome::kFailed;
    verdict.reason = told(verdict.seen);
    return verdict;
  }
  verdict.reason = fmt::format("an expectation must be true or false, not a {}", script::type_name(value));
  verdict.error = ScriptError{Fault::kRuntime, verdict.reason, 1, 1};
  return verdict;
}

}  // namespace

std::vector<ScriptError> check_moment(const std::string& at, std::span<const std::string> records) {
  const auto tokens = script::tokens_of(at);
  return check_text(at, {}, records, script::names_in(tokens));
}

std::vector<ScriptError> check_expectation(const Expectation& expectation, const ExpectationNames& names) {
  std::vector<std::string> known{names.metrics.begin(), names.metrics.end()};
  known.insert(known.end(), names.counters.begin(), names.counters.end());
  const auto tokens = script::tokens_of(expectation.that);
  const script::NamesInUse used = script::names_in(tokens);
  std::vector<ScriptError> errors = check_text(expectation.that, std::move(known), names.records, used);
  if (errors.empty() && !looks_at_the_run(used)) {
    errors.push_back({Fault::kName, "this expectation looks at nothing of the run, so it cannot fail", 1, 1});
  }
  if (!errors.empty()) return errors;
  if (const auto part = always_true_part(tokens, names.counters)) {
    const script::Position place = script::position_at(expectation.that, part->offset);
    errors.push_back(
        {Fault::kName, fmt::format("{}, so this cannot fail", part->why), place.line, place.column});
  }
  return errors;
}

Verdict evaluate(const Expectation& expectation, const Evidence& evidence) {
  const auto resolve = [&](std::string_view name) -> std::optional<Value> {
    if (evidence.records) {
      if (auto function = record_function(*evidence.records, name)) return function;
    }
    if (auto metric = find_in(evidence.metrics, name)) return metric;
    if (const auto at = evidence.counters.find(name); at != evidence.counters.end()) return Value(at->second);
    if (contains(evidence.known_counters, name)) return Value(0);
    return std::nullopt;
  };
  std::vector<std::string> known = evidence.metrics.names();
  known.insert(known.end(), evidence.known_counters.begin(), evidence.known_counters.end());
  return verdict_of(script::Sandbox{}.evaluate(expectation.that, resolve, known));
}

std::string format_value(const Value& value) {
  if (const auto* whole = value.get_if<std::int64_t>()) return format_number(*whole);
  if (const auto* real = value.get_if<double>()) return format_number(*real);
  if (const auto* flag = value.get_if<bool>()) return *flag ? "true" : "false";
  if (const auto* text = value.get_if<std::string>()) return fmt::format("\"{}\"", *text);
  return std::string{script::type_name(value)};
}

}  // namespace stackscope
