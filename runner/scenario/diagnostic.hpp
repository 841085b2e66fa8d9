#pragma once
// Errors for people: file, line and column, the line itself, a caret under the token, and what to write
// instead.

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stackscope {

/// A text that a person wrote: a scenario file, or one `--set` of the command line.
struct Source {
  std::string name;  // "herd.toml" or "--set"
  std::string text;
  int order = 0;  // sources are reported in this order: the file is 0

  /// A line without its end, counted from 1; "" beyond the last.
  std::string_view line(std::uint32_t number) const;
};

/// A token of a source. Line and column count from 1, columns and length in code points, as editors do.
struct Span {
  std::shared_ptr<const Source> source;
  std::uint32_t line = 1, column = 1, length = 1;

  /// The token's text; for one over several lines, its first line.
  std::string_view text() const;
  /// The part of this token that is `part`, where it stands last; the whole token where it does not occur.
  Span last(std::string_view part) const;

  bool operator==(const Span&) const = default;
  /// File order.
  bool before(const Span& other) const;
};

struct Diagnostic {
  Span at;
  std::string message, help;
};

/// "herd.toml:12:8".
std::string place_of(const Diagnostic& diagnostic);

/// "herd.toml:12:8: error: …", the source line, carets, and "help: …" where there is some. Ends with a
/// newline. `width`: of the terminal, in which messages and help are to fit; 0: there is none. A path and the source line
/// stay whole.
std::string render(const Diagnostic& diagnostic, int width = 0);

/// The errors of one reading. Reading never stops at the first.
class Diagnostics {
 public:
  /// The same message at the same place is kept once: each variant reads the baseline's lines again.
  void add(Span at, std::string message, std::string help = "");
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  /// In file order; at one place, in the order in which they were found.
  std::vector<Diagnostic> take() { return std::move(list_); }

 private:
  std::vector<Diagnostic> list_;  // always in file order
};

std::string render(const std::vector<Diagnostic>& diagnostics, int width = 0);

}  // namespace stackscope
