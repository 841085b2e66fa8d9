#include "runner/scenario/text_place.hpp"

#include <algorithm>
#include <string_view>

namespace stackscope {
namespace {

/// Walks a TOML string as it stands in the file, and counts what each piece of it is worth in the value.
class StringWalk {
 public:
  StringWalk(std::string_view raw, std::uint32_t line, std::uint32_t column)
      : raw_(raw), line_(line), column_(column) {
    const bool is_long = raw.starts_with("\"\"\"") || raw.starts_with("'''");
    escapes_ = raw.starts_with('"');
    step(is_long ? 3 : 1);
    if (is_long && at_ < raw_.size() && raw_[at_] == '\r') step(1);
    if (is_long && at_ < raw_.size() && raw_[at_] == '\n') step(1);  // the first line end does not count
  }

  /// Goes to byte `offset` of the value; false where the file ends before it.
  bool go_to(std::size_t offset) {
    skip_joined_lines();
    for (std::size_t worth = 0; worth < offset; skip_joined_lines()) {
      if (at_ >= raw_.size()) return false;
      worth += take_piece();
    }
    return at_ < raw_.size();
  }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }

 private:
  void step(std::size_t bytes) {
    for (; bytes > 0 && at_ < raw_.size(); --bytes, ++at_) {
      if (raw_[at_] == '\n') {
        ++line_, column_ = 1;
      } else if (at_ + 1 >= raw_.size() || (static_cast<unsigned char>(raw_[at_ + 1]) & 0xc0) != 0x80) {
        ++column_;  // with the last byte of a code point
      }
    }
  }

  /// A backslash at the end of a line: it, the line end and the white space behind it are worth nothing.
  void skip_joined_lines() {
    while (escapes_ && raw_.substr(at_).starts_with('\\')) {
      const std::size_t next = raw_.find_first_not_of(" \t\r", at_ + 1);
      if (next == std::string_view::npos || raw_[next] != '\n') return;
      const std::size_t end = std::min(raw_.find_first_not_of(" \t\r\n", next), raw_.size());
      step(end - at_);
    }
  }

  /// One byte or one escape; returns how many bytes of the value it is.
  std::size_t take_piece() {
    if (!escapes_ || raw_[at_] != '\\' || at_ + 1 >= raw_.size()) return step(1), 1;
    const char what = raw_[at_ + 1];
    const std::size_t digits = what == 'u' ? 4 : what == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    for (const char c : raw_.substr(std::min(at_ + 2, raw_.size()), digits)) {
      code = code * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    step(2 + digits);
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }

  std::string_view raw_;
  std::size_t at_ = 0;
  std::uint32_t line_, column_;
  bool escapes_ = false;
};

/// Everything of the source from a span's first byte on.
std::string_view from(const Span& span) {
  std::string_view whole = span.source->text;
  const std::string_view first = Span{span.source, span.line, span.column, 1}.text();
  if (first.data() == nullptr || first.data() < whole.data()) return {};
  return whole.substr(static_cast<std::size_t>(first.data() - whole.data()));
}

}  // namespace

Span place_within(const LocatedText& text, std::size_t offset, std::size_t length) {
  if (!text.at.source || offset > text.text.size()) return text.at;
  const std::string_view raw = from(text.at);
  if (!raw.starts_with('"') && !raw.starts_with('\'')) return text.at;
  StringWalk walk(raw, text.at.line, text.at.column);
  if (!walk.go_to(offset)) return text.at;
  const std::string_view token = std::string_view(text.text).substr(offset, length);
  const std::string_view shown = token.substr(0, token.find('\n'));
  const auto width = std::count_if(shown.begin(), shown.end(),
                                   [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return Span{text.at.source, walk.line(), walk.column(),
              static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(width, 1))};
}

}  // namespace stackscope
