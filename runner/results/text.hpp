#pragma once
// Text for a terminal: UTF-8 that is measured in columns, cut, padded, wrapped and painted.
// Independent of the locale, so that a golden file is the same everywhere.
//
// Differs: the width of a character comes from a short table (combining marks 0, East Asian wide and emoji 2,
//          all else 1), not from the terminal's own; rare scripts may be misaligned.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope {

/// One character read from the front of UTF-8 text. An invalid byte reads as U+FFFD of length 1.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;  ///< how much of the text it took
  bool valid = true;
};

/// Requires: `text` is not empty.
CodePoint front_code_point(std::string_view text);

/// The same text fit to be shown on one line: control characters become visible ("\x1b"), line ends and tabs
/// a space, invalid bytes U+FFFD. Nothing from a scenario file may move the cursor of the person who runs it.
std::string printable(std::string_view text);

/// Columns that `text` takes on a terminal. Requires: printable text without colour.
int display_width(std::string_view text);

/// Cut to at most `width` columns with "…": at the end for prose, in the middle for names, whose ends tell
/// them apart.
std::string elide_end(std::string_view text, int width);
std::string elide_middle(std::string_view text, int width);

std::string pad_left(std::string_view text, int width);   ///< right-aligned
std::string pad_right(std::string_view text, int width);  ///< left-aligned

/// Lines of at most `width` columns, broken at spaces; a word longer than a line is cut where it must be.
std::vector<std::string> wrap(std::string_view text, int width);

/// The same for a message about a place: the second line and those behind it are indented by two, and no word, which may be
/// a path, is cut. With width 0, which a pipe has, the text stays one line.
std::string flowed(std::string_view text, int width);

/// "a, b and c" is prose; this is "a" + separator + "b" + separator + "c".
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Colours, or none. Whoever knows about terminals, NO_COLOR and --no-color decides which.
class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}
  std::string bold(std::string_view text) const { return in("1", text); }
  std::string dim(std::string_view text) const { return in("2", text); }
  std::string good(std::string_view text) const { return in("32", text); }
  std::string bad(std::string_view text) const { return in("1;31", text); }

 private:
  std::string in(std::string_view code, std::string_view text) const;
  bool colour_;
};

}  // namespace stackscope
