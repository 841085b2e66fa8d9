#include "runner/scenario/value.hpp"

#include <algorithm>
#include <utility>

namespace stackscope {
namespace {

void flatten_into(const Value& table, const std::string& prefix, std::vector<Entry>& out) {
  for (const Entry& entry : table.entries) {
    const std::string name = prefix + entry.key;
    if (entry.value.is_table()) {
      flatten_into(entry.value, name + ".", out);
    } else {
      out.push_back({name, entry.key_at, entry.value});
    }
  }
}

}  // namespace

std::string_view Value::what() const {
  constexpr std::string_view kNames[] = {"true or false", "an integer",     "a number with a fraction",
                                         "a string",      "a date or time", "a list",
                                         "a table"};
  return kNames[static_cast<std::size_t>(kind)];
}

Written Value::written() const {
  switch (kind) {
    case Kind::kFlag:
      return {flag, what()};
    case Kind::kInteger:
      return {integer, what()};
    case Kind::kText:
      return {text, what()};
    case Kind::kArray: {
      std::vector<std::int64_t> numbers;
      for (const Value& item : items) {
        if (item.kind == Kind::kInteger) numbers.push_back(item.integer);
      }
      if (numbers.size() == items.size() && !items.empty()) return {std::move(numbers), what()};
      break;
    }
    case Kind::kReal:
    case Kind::kTime:
    case Kind::kTable:
      break;
  }
  return {std::monostate{}, what()};
}

const Entry* Value::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Value::find(std::string_view key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }

void Value::put(Entry entry) {
  if (Entry* old = find(entry.key)) {
    *old = std::move(entry);
  } else {
    entries.push_back(std::move(entry));
  }
}

std::vector<Entry> flattened(const Value& table) {
  std::vector<Entry> out;
  flatten_into(table, "", out);
  return out;
}

}  // namespace stackscope
