#include "sim/script/value.hpp"

#include <fmt/format.h>

#include "sim/suggest.hpp"

namespace stackscope::script {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The run of digits at the front, without leading zeros, taken off `text`.
std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table.fields) names.push_back(name);
  for (const auto& [name, reason] : table.absent) names.push_back(name);
  return names;
}

constexpr std::size_t kMostListed = 20;

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < kMostListed; ++i) {
    if (i > 0) list += ", ";
    list += names[i];
  }
  if (names.size() > kMostListed) list += fmt::format(" and {} more", names.size() - kMostListed);
  return list.empty() ? "nothing" : list;
}

const Value& argument(const Call& call, std::size_t index, std::string_view wanted) {
  if (index < call.arguments.size()) return call.arguments[index];
  throw ScriptFailure(fmt::format("argument {} is missing: a {}", index + 1, wanted));
}

[[noreturn]] void refuse(std::size_t index, std::string_view wanted, const Value& given) {
  throw ScriptFailure(fmt::format("argument {} must be a {}, not a {}", index + 1, wanted, type_name(given)));
}

}  // namespace

bool NaturalOrder::operator()(std::string_view a, std::string_view b) const {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view x = take_digits(a), y = take_digits(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a.front() != b.front()) return a.front() < b.front();
      a.remove_prefix(1), b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;  // "01" and "1" are different keys
}

Value::Value(Table table) : is(std::make_shared<const Table>(std::move(table))) {}

const Table* Value::table() const {
  const auto* held = get_if<std::shared_ptr<const Table>>();
  return held ? held->get() : nullptr;
}

const Value& Table::field(std::string_view name) const {
  if (const auto found = fields.find(name); found != fields.end()) return found->second;
  if (const auto reason = absent.find(std::string{name}); reason != absent.end()) {
    throw ScriptFailure(reason->second, Fault::kAbsent);
  }
  const std::vector<std::string> names = names_of(*this);
  const std::string meant = suggestion(name, names);
  std::string message = fmt::format("no `{}` in {}", name, path);
  message += meant.empty() ? fmt::format(", which has {}", listed(names))
                           : fmt::format("; did you mean `{}`? It has {}", meant, listed(names));
  throw ScriptFailure(std::move(message), Fault::kName);
}

const std::string& Call::text(std::size_t index) const {
  const Value& given = argument(*this, index, "string");
  if (const auto* held = given.get_if<std::string>()) return *held;
  refuse(index, "string", given);
}

const Table& Call::table(std::size_t index) const {
  const Value& given = argument(*this, index, "table");
  if (const Table* held = given.table()) return *held;
  refuse(index, "table", given);
}

double Call::number(std::size_t index) const {
  const Value& given = argument(*this, index, "number");
  if (const auto* whole = given.get_if<std::int64_t>()) return static_cast<double>(*whole);
  if (const auto* real = given.get_if<double>()) return *real;
  refuse(index, "number", given);
}

std::string_view type_name(const Value& value) {
  constexpr std::string_view kNames[] = {"nil",    "boolean", "number",   "number",
                                         "string", "table",   "function", "function"};
  return kNames[value.is.index()];
}

}  // namespace stackscope::script
