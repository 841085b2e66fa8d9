#pragma once
// Where a command prints: results on one stream, everything else on the other, and what the terminal behind them can do.

#include <ostream>
#include <string_view>

#include "runner/results/text.hpp"

namespace stackscope {

struct Console {
  std::ostream& out;  // results
  std::ostream& err;  // errors, progress
  bool has_colour = false;
  bool shows_progress = false;
  int width = 80;
  int error_width = 0;  // of `err`; 0: no terminal, where a line stays whole whatever its length

  Paint paint() const { return Paint(has_colour); }
  /// One line that the next one replaces; nothing where nobody watches.
  void progress(std::string_view line) const;
  /// A line on `err`, or several where it does not fit. What the terminal shows as progress goes first.
  void complain(std::string_view message) const;
  /// Takes the progress line away, before something else is printed.
  void clear_progress() const { progress(""); }
};

/// Standard output and standard error of this process. Colours only on a terminal, and not where NO_COLOR is set
/// (https://no-color.org) or the terminal is dumb; 80 columns in a pipe, so that a file is the same everywhere.
Console standard_console();

}  // namespace stackscope
