#include "runner/results/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace stackscope {
namespace {

struct Range {
  char32_t first, last;
};

constexpr auto kNoColumn = std::to_array<Range>({{0x0300, 0x036f},
                                                 {0x200b, 0x200f},
                                                 {0x2060, 0x2064},
                                                 {0x20d0, 0x20ff},
                                                 {0xfe00, 0xfe0f},
                                                 {0xfeff, 0xfeff}});
constexpr auto kTwoColumns = std::to_array<Range>({{0x1100, 0x115f},
                                                   {0x2e80, 0x303e},
                                                   {0x3041, 0xa4cf},
                                                   {0xac00, 0xd7a3},
                                                   {0xf900, 0xfaff},
                                                   {0xfe30, 0xfe6f},
                                                   {0xff00, 0xff60},
                                                   {0xffe0, 0xffe6},
                                                   {0x1f300, 0x1f64f},
                                                   {0x1f680, 0x1f6ff},
                                                   {0x1f900, 0x1f9ff},
                                                   {0x20000, 0x3fffd}});

bool is_in(char32_t value, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [value](const Range& range) { return value >= range.first && value <= range.last; });
}

int width_of(char32_t value) {
  if (is_in(value, kNoColumn)) return 0;
  return is_in(value, kTwoColumns) ? 2 : 1;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// Length of a sequence by its first byte; 0 where none begins so.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/// Too long for what it encodes, a surrogate, or beyond Unicode.
bool is_ill_formed(char32_t value, std::size_t bytes) {
  if (bytes == 3) return value < 0x800 || (value >= 0xd800 && value <= 0xdfff);
  if (bytes == 4) return value < 0x10000 || value > 0x10ffff;
  return false;
}

/// Characters from the front of `text` that fit into `width` columns, as bytes.
std::size_t bytes_that_fit(std::string_view text, int width) {
  std::size_t at = 0;
  for (int used = 0; at < text.size();) {
    const CodePoint next = front_code_point(text.substr(at));
    used += width_of(next.value);
    if (used > width) break;
    at += next.bytes;
  }
  return at;
}

/// The end of `text` that fits into `width` columns.
std::string_view tail_that_fits(std::string_view text, int width) {
  while (display_width(text) > width) text.remove_prefix(front_code_point(text).bytes);
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) words.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

}  // namespace

CodePoint front_code_point(std::string_view text) {
  static constexpr CodePoint kInvalid{0xfffd, 1, false};
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = sequence_length(lead);
  if (bytes == 0 || bytes > text.size()) return kInvalid;
  if (bytes == 1) return {lead, 1, true};
  char32_t value = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[i])) return kInvalid;
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  if (is_ill_formed(value, bytes)) return kInvalid;
  return {value, bytes, true};
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint next = front_code_point(text);
    if (!next.valid) {
      out += "\uFFFD";
    } else if (next.value == '\n' || next.value == '\t' || next.value == '\r') {
      out += ' ';
    } else if (next.value < 0x20 || (next.value >= 0x7f && next.value < 0xa0)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(next.value));
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint next = front_code_point(text);
    width += width_of(next.value);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string elide_end(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  if (width < 1) return "";
  std::string_view kept = text.substr(0, bytes_that_fit(text, width - 1));
  while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  return std::string(kept) + "…";
}

std::string elide_middle(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  if (width < 3) return elide_end(text, width);
  const int tail = (width - 1) / 2;
  const std::string_view head = text.substr(0, bytes_that_fit(text, width - 1 - tail));
  return fmt::format("{}…{}", head, tail_that_fits(text, tail));
}

std::string pad_left(std::string_view text, int width) {
  return std::string(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ') +
         std::string(text);
}

std::string pad_right(std::string_view text, int width) {
  return std::string(text) +
         std::string(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
}

std::vector<std::string> wrap(std::string_view text, int width) {
  std::vector<std::string> lines;
  std::string line;
  const auto finish_line = [&] {
    if (!line.empty()) lines.push_back(std::exchange(line, {}));
  };
  for (std::string_view word : words_of(text)) {
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) finish_line();
    while (display_width(word) > width) {  // only ever at the start of a line
      const std::size_t cut = std::max(bytes_that_fit(word, width), front_code_point(word).bytes);
      lines.emplace_back(word.substr(0, cut));
      word.remove_prefix(cut);
    }
    if (!line.empty() && !word.empty()) line += ' ';
    line += word;
  }
  finish_line();
  return lines;
}

std::string flowed(std::string_view text, int width) {
  if (width == 0 || display_width(text) <= width) return std::string(text);
  std::string lines;
  int used = 0;
  for (const std::string_view word : words_of(text)) {
    const int columns = display_width(word);
    if (lines.empty()) {
      lines = word, used = columns;
    } else if (used + 1 + columns <= width) {
      lines += ' ', lines += word, used += 1 + columns;
    } else {
      lines += "\n  ", lines += word, used = 2 + columns;
    }
  }
  return lines;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string Paint::in(std::string_view code, std::string_view text) const {
  if (!colour_ || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace stackscope
