#pragma once
// The command palette: everything that can be done, found by typing a part of its name: actions, panels, scenarios.
//
// Invariant: `chosen` is one of those found, or 0 where none is.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gui/platform/input.hpp"

namespace stackscope::gui {

class App;

struct PaletteCommand {
  std::string name;  // "step back a record"
  std::string keys;  // as the help page has them; empty where there are none
  std::function<void(App&)> run;
};

class Palette {
 public:
  bool is_open() const { return is_open_; }
  void open(std::vector<PaletteCommand> commands);
  void close() { is_open_ = false; }

  /// Takes keys that are for the palette alone: arrows, Enter, Escape. Returns whether it was one.
  bool handle(const InputEvent& event);
  /// The text has changed.
  void search();
  void choose(std::size_t found) { chosen_ = found, is_taken_ = true; }

  std::string& text() { return text_; }
  /// Those whose name has every word of the text, in any case; names that begin with the text come first.
  const std::vector<const PaletteCommand*>& found() const { return found_; }
  std::size_t chosen() const { return chosen_; }
  /// What was taken, by Enter or a click, since it was asked last; the palette is closed then.
  std::optional<PaletteCommand> take();
  /// True once after opening: the field wants the keyboard.
  bool wants_focus() { return std::exchange(wants_focus_, false); }

 private:
  std::vector<PaletteCommand> commands_;
  std::vector<const PaletteCommand*> found_;
  std::string text_;
  std::size_t chosen_ = 0;
  bool is_open_ = false, is_taken_ = false, wants_focus_ = false;
};

/// All there are now: actions, "show PANEL", "open SCENARIO VARIANT".
std::vector<PaletteCommand> palette_commands(App& app);

}  // namespace stackscope::gui
