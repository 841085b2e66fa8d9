#include "gui/platform/sdl_events.hpp"

#include <SDL.h>
#include <utility>

namespace stackscope::gui {
namespace {

constexpr std::pair<SDL_Keycode, Key> kKeys[] = {
    {SDLK_TAB, Key::kTab},
    {SDLK_LEFT, Key::kLeft},
    {SDLK_RIGHT, Key::kRight},
    {SDLK_UP, Key::kUp},
    {SDLK_DOWN, Key::kDown},
    {SDLK_PAGEUP, Key::kPageUp},
    {SDLK_PAGEDOWN, Key::kPageDown},
    {SDLK_HOME, Key::kHome},
    {SDLK_END, Key::kEnd},
    {SDLK_INSERT, Key::kInsert},
    {SDLK_DELETE, Key::kDelete},
    {SDLK_BACKSPACE, Key::kBackspace},
    {SDLK_SPACE, Key::kSpace},
    {SDLK_RETURN, Key::kEnter},
    {SDLK_KP_ENTER, Key::kEnter},
    {SDLK_ESCAPE, Key::kEscape},
    {SDLK_F1, Key::kF1},
};

KeyPress key_of(const SDL_Keysym& pressed) {
  KeyPress press;
  for (const auto& [code, key] : kKeys) {
    if (code == pressed.sym) press.key = key;
  }
  if (press.key == Key::kNone && pressed.sym > ' ' && pressed.sym < 127) {
    press.key = Key::kCharacter;
    press.character = static_cast<char>(pressed.sym);
  }
  press.ctrl = (pressed.mod & KMOD_CTRL) != 0, press.shift = (pressed.mod & KMOD_SHIFT) != 0;
  press.alt = (pressed.mod & KMOD_ALT) != 0;
  return press;
}

InputEvent of(InputEvent::Kind kind) {
  InputEvent event{};
  event.kind = kind;
  return event;
}

InputEvent moved(int x, int y) {
  InputEvent event = of(InputEvent::Kind::kMove);
  event.x = static_cast<float>(x), event.y = static_cast<float>(y);
  return event;
}

std::vector<InputEvent> button(const SDL_MouseButtonEvent& pressed) {
  InputEvent event = of(InputEvent::Kind::kButton);
  event.button = pressed.button == SDL_BUTTON_RIGHT ? 1 : pressed.button == SDL_BUTTON_MIDDLE ? 2 : 0;
  event.is_down = pressed.state == SDL_PRESSED;
  return {moved(pressed.x, pressed.y), event};
}

std::vector<InputEvent> window_event(const SDL_WindowEvent& changed) {
  switch (changed.event) {
    case SDL_WINDOWEVENT_LEAVE:
      return {of(InputEvent::Kind::kLeave)};
    case SDL_WINDOWEVENT_SIZE_CHANGED:
    case SDL_WINDOWEVENT_EXPOSED:
      return {of(InputEvent::Kind::kResize)};
    default:
      return {};
  }
}

std::vector<InputEvent> with_text(InputEvent::Kind kind, const char* text) {
  InputEvent event = of(kind);
  event.text = text;
  return {event};
}

}  // namespace

std::vector<InputEvent> translate(const SDL_Event& event) {
  switch (event.type) {
    case SDL_QUIT:
      return {of(InputEvent::Kind::kQuit)};
    case SDL_MOUSEMOTION:
      return {moved(event.motion.x, event.motion.y)};
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
      return button(event.button);
    case SDL_MOUSEWHEEL: {
      InputEvent wheel = of(InputEvent::Kind::kWheel);
      wheel.x = event.wheel.preciseX, wheel.y = event.wheel.preciseY;
      return {wheel};
    }
    case SDL_KEYDOWN:
    case SDL_KEYUP: {
      InputEvent key = of(event.type == SDL_KEYDOWN ? InputEvent::Kind::kKeyDown : InputEvent::Kind::kKeyUp);
      key.key = key_of(event.key.keysym);
      return {key};
    }
    case SDL_TEXTINPUT:
      return with_text(InputEvent::Kind::kText, event.text.text);
    case SDL_DROPFILE: {
      std::vector<InputEvent> dropped = with_text(InputEvent::Kind::kDropFile, event.drop.file);
      SDL_free(event.drop.file);
      return dropped;
    }
    case SDL_WINDOWEVENT:
      return window_event(event.window);
    default:
      return {};
  }
}

}  // namespace stackscope::gui
