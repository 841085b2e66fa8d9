// The only file that knows toml++: it is slow to compile, and nothing else should depend on it.

// Its own assertions fail on some malformed input (`[.a]`), and with NDEBUG they become undefined behaviour:
// here they throw instead, and parse_toml() catches.
#undef NDEBUG
namespace {
struct ParserGaveUp {};
[[noreturn]] void give_up() { throw ParserGaveUp{}; }
}  // namespace
#define TOML_ASSERT(expr) ((expr) ? void() : give_up())
#define TOML_EXCEPTIONS 0
// Debian's library was built with exceptions and its own assertions: ours is compiled here.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_MAX_NESTED_VALUES 32
#include <algorithm>
#include <cctype>
#include <fmt/core.h>
#include <toml++/toml.h>

#include "runner/scenario/value.hpp"

namespace stackscope {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr int kDotsInALine = 200;

using SourcePtr = std::shared_ptr<const Source>;

Span span_of(const SourcePtr& source, const toml::source_region& region) {
  Span span{source, std::max<std::uint32_t>(region.begin.line, 1),
            std::max<std::uint32_t>(region.begin.column, 1), 1};
  if (region.end.line == region.begin.line && region.end.column > region.begin.column) {
    span.length = region.end.column - region.begin.column;
  } else if (region.end.line > region.begin.line) {
    span.length = UINT32_MAX / 2;  // to the end of its first line; carets stop there by themselves
  }
  return span;
}

Value convert(const toml::node& node, const SourcePtr& source) {
  Value value;
  value.at = span_of(source, node.source());
  if (const auto* table = node.as_table()) {
    value.kind = Value::Kind::kTable;
    for (auto&& [key, child] : *table) {
      value.entries.push_back(
          {std::string(key.str()), span_of(source, key.source()), convert(child, source)});
    }
    std::sort(value.entries.begin(), value.entries.end(),
              [](const Entry& a, const Entry& b) { return a.key_at.before(b.key_at); });
  } else if (const auto* array = node.as_array()) {
    value.kind = Value::Kind::kArray;
    for (auto&& child : *array) value.items.push_back(convert(child, source));
  } else if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::kText, value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Value::Kind::kInteger, value.integer = integer->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.kind = Value::Kind::kFlag, value.flag = flag->get();
  } else {
    value.kind = node.is_floating_point() ? Value::Kind::kReal : Value::Kind::kTime;
  }
  return value;
}

/// `a.a.a.a… = 1` nests without any bracket, and the parser's own limit does not see it. Dots in strings
/// count too: telling them apart would need a parser, and nobody writes two hundred.
std::optional<Span> nests_too_deep(const SourcePtr& source) {
  std::uint32_t line = 1;
  int dots = 0;
  for (const char c : source->text) {
    if (c == '\n') ++line, dots = 0;
    if (c == '.' && ++dots > kDotsInALine) return Span{source, line, 1, 1};
  }
  return std::nullopt;
}

bool refuse_hostile(const SourcePtr& source, Diagnostics& diagnostics) {
  if (source->text.size() > kLargestFile) {
    diagnostics.add(Span{source, 1, 1, 1}, "the file is larger than 1 MiB");
    return true;
  }
  if (auto span = nests_too_deep(source)) {
    diagnostics.add(*span, "more than 200 dots in one line: its keys would nest too deeply");
    return true;
  }
  return false;
}

/// The first line like `[.a]` or `[[ = ]]`, on which the parser gives up without saying where.
Span nameless_header(const SourcePtr& source) {
  const auto lines =
      static_cast<std::uint32_t>(std::count(source->text.begin(), source->text.end(), '\n') + 1);
  for (std::uint32_t number = 1; number <= lines; ++number) {
    const std::string_view line = source->line(number);
    std::size_t at = line.find_first_not_of(" \t");
    if (at == std::string_view::npos || line[at] != '[') continue;
    at = line.find_first_not_of("[ \t", at);
    if (at == std::string_view::npos) continue;
    const auto c = static_cast<unsigned char>(line[at]);
    if (std::isalnum(c) || c == '_' || c == '-' || c == '"' || c == '\'' || c >= 0x80) continue;
    return Span{source, number, static_cast<std::uint32_t>(at + 1), 1};
  }
  return Span{source, 1, 1, 1};
}

/// The parser's own words, with help for the slip that units invite: `every = 10ms` without quotes.
void add_syntax_error(const toml::parse_error& error, const SourcePtr& source, Diagnostics& diagnostics) {
  const Span at = span_of(source, error.source());
  const std::string_view line = source->line(at.line);
  const std::size_t equals = line.find('=');
  std::string_view value = equals == std::string_view::npos ? std::string_view() : line.substr(equals + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  value = value.substr(0, value.find_first_of(" ,#}]\t"));
  std::string help;
  if (!value.empty() && std::isdigit(static_cast<unsigned char>(value[0])) &&
      std::any_of(value.begin(), value.end(),
                  [](char c) { return std::isalpha(static_cast<unsigned char>(c)); })) {
    help = fmt::format("a quantity with a unit stands in quotes: \"{}\"", value);
  }
  diagnostics.add(at, std::string(error.description()), std::move(help));
}

}  // namespace

std::optional<Value> parse_toml(std::shared_ptr<const Source> source, Diagnostics& diagnostics) {
  if (refuse_hostile(source, diagnostics)) return std::nullopt;
  try {
    const toml::parse_result result =
        toml::parse(std::string_view(source->text), std::string_view(source->name));
    if (result) return convert(result.table(), source);
    add_syntax_error(result.error(), source, diagnostics);
  } catch (const ParserGaveUp&) {
    diagnostics.add(nameless_header(source), "a table's header needs a name", "write [name] or [[name]]");
  }
  return std::nullopt;
}

Value parse_toml_value(std::string_view text, const Span& at) {
  // The value must stand in a document; "v=" moves it two columns to the right of where it was written.
  const auto document =
      std::make_shared<Source>(Source{at.source->name, "v=" + std::string(text), at.source->order});
  Diagnostics ignored;
  const std::optional<Value> parsed = parse_toml(document, ignored);
  Value value;
  if (parsed && parsed->entries.size() == 1 && parsed->entries[0].key == "v" &&
      text.find('\n') == std::string_view::npos) {
    value = parsed->entries[0].value;
  } else {
    value.kind = Value::Kind::kText, value.text = std::string(text);
  }
  const auto length = static_cast<std::uint32_t>(std::max<std::size_t>(text.size(), 1));
  const auto place = [&](auto& self, Value& v) -> void {
    v.at = at, v.at.length = length;
    for (Value& item : v.items) self(self, item);
    for (Entry& entry : v.entries) entry.key_at = v.at, self(self, entry.value);
  };
  place(place, value);
  return value;
}

}  // namespace stackscope
