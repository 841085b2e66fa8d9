#pragma once
// What a TOML document says, as a plain tree in which every key and value knows where it was written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/vocabulary/parameter.hpp"
#include "runner/scenario/diagnostic.hpp"

namespace stackscope {

struct Entry;

struct Value {
  enum class Kind : std::uint8_t { kFlag, kInteger, kReal, kText, kTime, kArray, kTable };
  Kind kind = Kind::kTable;
  Span at;  // a table's header, or the value itself
  bool flag = false;
  std::int64_t integer = 0;
  std::string text;
  std::vector<Value> items;    // kArray
  std::vector<Entry> entries;  // kTable, in the order in which they were written

  bool is_table() const { return kind == Kind::kTable; }
  bool is_text() const { return kind == Kind::kText; }
  /// "an integer", "a table" …
  std::string_view what() const;
  /// As a parameter's declaration reads it.
  Written written() const;

  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  /// The value replaces what stands there.
  void put(Entry entry);
};

struct Entry {
  std::string key;
  Span key_at;
  Value value;
};

/// The entries of a table and of the tables within it, each under its dotted name: `net.core.somaxconn = 1`
/// and
/// `"net.core.somaxconn" = 1` say the same.
std::vector<Entry> flattened(const Value& table);

/// Parses a whole document. Syntax errors go to `diagnostics` (the parser stops at the first), and nothing is
/// returned.
///
/// Differs: tables nested deeper than anybody writes by hand are refused, so that hostile input cannot
/// exhaust the
///          stack.
std::optional<Value> parse_toml(std::shared_ptr<const Source> source, Diagnostics& diagnostics);

/// One value by itself, as `--set` gives it: `text` begins at `at`. What does not parse as a TOML value is a
/// string: `50us` means "50us".
Value parse_toml_value(std::string_view text, const Span& at);

}  // namespace stackscope
