#include "runner/scenario/diagnostic.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <tuple>

#include "runner/results/text.hpp"

namespace stackscope {
namespace {

constexpr std::size_t kWidest = 160;  // columns of a source line that are shown

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

/// The byte at which code point number `index` (from 0) begins; the size where there are fewer.
std::size_t byte_of(std::string_view text, std::size_t index) {
  std::size_t byte = 0;
  for (; byte < text.size(); ++byte) {
    if (starts_code_point(text[byte]) && index-- == 0) break;
  }
  return byte;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

/// A line from a stranger's file goes to a terminal: control characters must not.
std::string shown(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) c = '?';
  }
  return out;
}

std::string carets(std::string_view line, std::size_t column, std::size_t length) {
  std::string out;
  for (const char c : line.substr(0, byte_of(line, column - 1))) {
    if (starts_code_point(c)) out += c == '\t' ? '\t' : ' ';
  }
  const std::size_t room = code_points(line) >= column ? code_points(line) - column + 1 : 1;
  out += '^';
  out.append(std::clamp<std::size_t>(length, 1, room) - 1, '~');
  return out;
}

}  // namespace

std::string_view Source::line(std::uint32_t number) const {
  std::string_view rest = text;
  for (; number > 1; --number) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string_view Span::text() const {
  if (!source) return {};
  std::string_view whole = source->line(line);
  whole.remove_prefix(byte_of(whole, column - 1));
  return whole.substr(0, byte_of(whole, length));
}

Span Span::last(std::string_view part) const {
  const std::string_view whole = text();
  const std::size_t found = whole.rfind(part);
  if (part.empty() || found == std::string_view::npos) return *this;
  Span narrowed = *this;
  narrowed.column += static_cast<std::uint32_t>(code_points(whole.substr(0, found)));
  narrowed.length = static_cast<std::uint32_t>(code_points(part));
  return narrowed;
}

bool Span::before(const Span& other) const {
  const auto key = [](const Span& s) {
    return std::tuple(s.source ? s.source->order : -1, s.line, s.column);
  };
  return key(*this) < key(other);
}

std::string place_of(const Diagnostic& d) {
  const std::string_view name = d.at.source ? std::string_view(d.at.source->name) : "scenario";
  return fmt::format("{}:{}:{}", name, d.at.line, d.at.column);
}

std::string render(const Diagnostic& d, int width) {
  const std::string head = fmt::format("{}: error: {}", place_of(d), shown(d.message));
  std::string out = flowed(head, width) + "\n";
  std::string_view line = d.at.source ? d.at.source->line(d.at.line) : std::string_view();
  std::size_t column = d.at.column;
  if (column > kWidest) {  // a very long line is shown from a little before the token
    line.remove_prefix(byte_of(line, column - kWidest / 2));
    column = kWidest / 2;
  }
  line = line.substr(0, byte_of(line, kWidest));
  column = std::min(column, code_points(line) + 1);
  out += fmt::format("{:5} | {}\n      | {}\n", d.at.line, shown(line), carets(line, column, d.at.length));
  if (!d.help.empty()) out += flowed("help: " + shown(d.help), width) + "\n";
  return out;
}

std::string render(const std::vector<Diagnostic>& diagnostics, int width) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic, width);
  return out;
}

void Diagnostics::add(Span at, std::string message, std::string help) {
  const bool known = std::any_of(list_.begin(), list_.end(),
                                 [&](const Diagnostic& d) { return d.at == at && d.message == message; });
  if (known) return;
  const auto behind = std::upper_bound(list_.begin(), list_.end(), at,
                                       [](const Span& a, const Diagnostic& b) { return a.before(b.at); });
  list_.insert(behind, {std::move(at), std::move(message), std::move(help)});
}

}  // namespace stackscope
