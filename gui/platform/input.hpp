#pragma once
// What a person does to a window, from wherever it comes: SDL, a script or a test. One queue; the window and the panels
// cannot tell the difference.

#include <cstdint>
#include <deque>
#include <string>

namespace stackscope::gui {

enum class Key : std::uint8_t {
  kNone,
  kTab,
  kLeft,
  kRight,
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kInsert,
  kDelete,
  kBackspace,
  kSpace,
  kEnter,
  kEscape,
  kCharacter,  // `character` says which: lower case, as it stands on the key
  kF1,
};

struct KeyPress {
  Key key = Key::kNone;
  char character = 0;
  bool ctrl = false, shift = false, alt = false;
  bool operator==(const KeyPress&) const = default;
};

struct InputEvent {
  enum class Kind : std::uint8_t {
    kMove,
    kLeave,
    kButton,
    kWheel,
    kKeyDown,
    kKeyUp,
    kText,
    kResize,
    kDropFile,
    kQuit
  };
  Kind kind;
  float x = 0, y = 0;    // kMove: where, in logical pixels; kWheel: how far
  int button = 0;        // kButton: 0 left, 1 right, 2 middle
  bool is_down = false;  // kButton
  KeyPress key;          // kKeyDown, kKeyUp
  std::string text;      // kText in UTF-8, kDropFile
};

/// Takes events in order; hands out at most one change of a button or key a frame, so that a press and a release which came
/// together are both seen.
class InputQueue {
 public:
  void push(InputEvent event) { events_.push_back(std::move(event)); }
  bool empty() const { return events_.empty(); }
  /// The events of one frame.
  std::deque<InputEvent> take_frame();

 private:
  std::deque<InputEvent> events_;
};

/// Hands a frame's events to Dear ImGui.
void feed_imgui(const std::deque<InputEvent>& events);
/// Once, after the context is made.
void map_imgui_keys();

/// Reads "Ctrl+Shift+P", "Home", "+", "Space"; kNone where it is no key.
KeyPress parse_key(std::string_view text);

}  // namespace stackscope::gui
