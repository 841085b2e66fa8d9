#pragma once
// The window: SDL2 with an OpenGL context, and Dear ImGui drawn into it. With `is_headless` SDL's offscreen driver makes the
// context: no X, no display, the same pixels.
//
// Our own instead of imgui_impl_sdl: that one asks SDL where the mouse is, so events of a script would be overruled.

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "gui/draw/canvas.hpp"
#include "gui/platform/input.hpp"

namespace stackscope::gui {

/// Says what is missing and what to install.
struct WindowError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct WindowOptions {
  bool is_headless = false;
  int width = 1600, height = 900;  // logical pixels
  float scale = 0;                 // device pixels a logical one; 0: the display's
};

class Window {
 public:
  /// Throws WindowError.
  explicit Window(const WindowOptions& options);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  InputQueue& input();
  /// Fetches what SDL has; waits so long for it at most.
  void poll(int wait_ms);
  /// Makes a frame without showing it: `draw` says what. `seconds` since the frame before.
  void compose(float seconds, const std::function<void()>& draw);
  /// The same, drawn.
  void frame(float seconds, const std::function<void()>& draw);
  /// A real window shows what was drawn.
  void present();

  int width() const;
  int height() const;
  float scale() const;
  const Fonts& fonts() const;
  /// For scripts, in a headless window. Fonts are made anew for another scale.
  void resize(int width, int height, float scale);
  void set_title(const std::string& title);
  /// Throws std::runtime_error where the file cannot be written.
  void save_screenshot(const std::string& path) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace stackscope::gui
