#include "gui/platform/input.hpp"

#include <algorithm>
#include <imgui.h>
#include <string_view>
#include <utility>

namespace stackscope::gui {
namespace {

constexpr std::pair<std::string_view, Key> kKeyNames[] = {
    {"Tab", Key::kTab},           {"Left", Key::kLeft},
    {"Right", Key::kRight},       {"Up", Key::kUp},
    {"Down", Key::kDown},         {"PageUp", Key::kPageUp},
    {"PageDown", Key::kPageDown}, {"Home", Key::kHome},
    {"End", Key::kEnd},           {"Insert", Key::kInsert},
    {"Delete", Key::kDelete},     {"Backspace", Key::kBackspace},
    {"Space", Key::kSpace},       {"Enter", Key::kEnter},
    {"Escape", Key::kEscape},     {"F1", Key::kF1},
};

constexpr std::pair<Key, ImGuiKey_> kImGuiKeys[] = {
    {Key::kTab, ImGuiKey_Tab},           {Key::kLeft, ImGuiKey_LeftArrow},
    {Key::kRight, ImGuiKey_RightArrow},  {Key::kUp, ImGuiKey_UpArrow},
    {Key::kDown, ImGuiKey_DownArrow},    {Key::kPageUp, ImGuiKey_PageUp},
    {Key::kPageDown, ImGuiKey_PageDown}, {Key::kHome, ImGuiKey_Home},
    {Key::kEnd, ImGuiKey_End},           {Key::kInsert, ImGuiKey_Insert},
    {Key::kDelete, ImGuiKey_Delete},     {Key::kBackspace, ImGuiKey_Backspace},
    {Key::kSpace, ImGuiKey_Space},       {Key::kEnter, ImGuiKey_Enter},
    {Key::kEscape, ImGuiKey_Escape},
};

// Where keys stand in ImGuiIO::KeysDown: letters at their own code, the others above.
constexpr int kFirstNamed = 256;
int index_of(const KeyPress& press) {
  if (press.key == Key::kCharacter) return static_cast<unsigned char>(press.character);
  return kFirstNamed + static_cast<int>(press.key);
}

bool changes_a_switch(const InputEvent& event) {
  using enum InputEvent::Kind;
  return event.kind == kButton || event.kind == kKeyDown || event.kind == kKeyUp;
}

void set_key(ImGuiIO& io, const KeyPress& press, bool is_down) {
  io.KeysDown[index_of(press)] = is_down;
  io.KeyCtrl = press.ctrl && is_down, io.KeyShift = press.shift && is_down, io.KeyAlt = press.alt && is_down;
}

}  // namespace

std::deque<InputEvent> InputQueue::take_frame() {
  std::deque<InputEvent> frame;
  while (!events_.empty()) {
    const bool is_switch = changes_a_switch(events_.front());
    if (is_switch && std::any_of(frame.begin(), frame.end(), changes_a_switch)) break;
    frame.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  return frame;
}

void map_imgui_keys() {
  ImGuiIO& io = ImGui::GetIO();
  for (const auto& [key, theirs] : kImGuiKeys) io.KeyMap[theirs] = index_of({key});
  constexpr std::pair<char, ImGuiKey_> kLetters[] = {{'a', ImGuiKey_A}, {'c', ImGuiKey_C}, {'v', ImGuiKey_V},
                                                     {'x', ImGuiKey_X}, {'y', ImGuiKey_Y}, {'z', ImGuiKey_Z}};
  for (const auto& [letter, theirs] : kLetters) io.KeyMap[theirs] = letter;
}

void feed_imgui(const std::deque<InputEvent>& events) {
  using enum InputEvent::Kind;
  ImGuiIO& io = ImGui::GetIO();
  for (const InputEvent& event : events) {
    switch (event.kind) {
      case kMove:
        io.MousePos = {event.x, event.y};
        break;
      case kLeave:
        io.MousePos = {-1e6F, -1e6F};
        break;
      case kButton:
        io.MouseDown[event.button] = event.is_down;
        break;
      case kWheel:
        io.MouseWheel += event.y, io.MouseWheelH += event.x;
        break;
      case kKeyDown:
      case kKeyUp:
        set_key(io, event.key, event.kind == kKeyDown);
        break;
      case kText:
        io.AddInputCharactersUTF8(event.text.c_str());
        break;
      case kResize:
      case kDropFile:
      case kQuit:
        break;
    }
  }
}

KeyPress parse_key(std::string_view text) {
  KeyPress press;
  while (true) {
    const std::size_t plus = text.find('+');
    if (plus == std::string_view::npos || plus == 0 || plus + 1 == text.size()) break;
    const std::string_view modifier = text.substr(0, plus);
    if (modifier == "Ctrl")
      press.ctrl = true;
    else if (modifier == "Shift")
      press.shift = true;
    else if (modifier == "Alt")
      press.alt = true;
    else
      return {};
    text.remove_prefix(plus + 1);
  }
  for (const auto& [name, key] : kKeyNames) {
    if (name == text) press.key = key;
  }
  if (press.key != Key::kNone) return press;
  if (text.size() != 1) return {};
  press.key = Key::kCharacter;
  press.character = text[0] >= 'A' && text[0] <= 'Z' ? static_cast<char>(text[0] - 'A' + 'a') : text[0];
  return press;
}

}  // namespace stackscope::gui
