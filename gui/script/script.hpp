#pragma once
// Scripts: what a person would do, one command a line, for tests and for the pictures of the documentation.
//
//     size 1280 720            open scenarios/thundering_herd.toml each-exclusive
//     seek first sched:sched_waking
//     step 3 packet            key Ctrl+Shift+P
//     click task 3             expect task 3 "epoll_wait"
//     screenshot herd.png
//
// Errors are told as file:line, with the names that were on the screen.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope::gui {

struct ScriptLine {
  int number = 0;
  std::vector<std::string> words;  // "…" is one word
  /// From word `first` to word `last` (not included), joined by spaces.
  std::string joined(std::size_t first, std::size_t last) const;
};

/// Throws ScriptFailure where quotes do not end.
std::vector<ScriptLine> parse_script(const std::string& name, std::string_view text);

struct ScriptFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace stackscope::gui
