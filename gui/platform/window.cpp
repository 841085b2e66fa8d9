#include "gui/platform/window.hpp"

#include <SDL.h>
#include <SDL_opengl.h>
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "gui/platform/fonts.hpp"
#include "gui/platform/image.hpp"
#include "gui/platform/sdl_events.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace stackscope::gui {
namespace {

/// What a graphics driver never gives back is not ours to give back.
class DriverMemory {
#if defined(__SANITIZE_ADDRESS__)
 public:
  DriverMemory() { __lsan_disable(); }
  ~DriverMemory() { __lsan_enable(); }
  DriverMemory(const DriverMemory&) = delete;
  DriverMemory& operator=(const DriverMemory&) = delete;
#endif
};

[[noreturn]] void fail(const std::string& what) {
  throw WindowError(
      "cannot open a window: " + what + ": " + SDL_GetError() +
      "\nOpenGL 3 is needed; Mesa's software renderer will do: apt install libgl1-mesa-dri libegl1");
}

/// Where nobody told SDL of a display it draws into memory, and a window that nobody sees would wait for ever.
void refuse_to_be_unseen() {
  const char* const driver = SDL_GetCurrentVideoDriver();
  if (driver == nullptr || std::string_view(driver) != "offscreen" ||
      SDL_getenv("SDL_VIDEODRIVER") != nullptr)
    return;
  throw WindowError(
      "cannot open a window: there is no display (DISPLAY and WAYLAND_DISPLAY are not set, or cannot be "
      "reached)"
      "\nWithout one, --headless does what a script says: stackscope-gui --headless --script FILE");
}

// Without a display the picture's memory never grows: it is made for the largest picture, which uses its lower left corner.
constexpr int kMostHeadlessWidth = 3'840, kMostHeadlessHeight = 2'160;

SDL_Window* make_window(const WindowOptions& options) {
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 0);
  SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
  const Uint32 flags = SDL_WINDOW_OPENGL | SDL_WINDOW_ALLOW_HIGHDPI | SDL_WINDOW_RESIZABLE |
                       (options.is_headless ? Uint32{SDL_WINDOW_HIDDEN} : 0U);
  const int width = options.is_headless ? kMostHeadlessWidth : options.width,
            height = options.is_headless ? kMostHeadlessHeight : options.height;
  return SDL_CreateWindow("stackscope", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height, flags);
}

}  // namespace

struct Window::Parts {
  WindowOptions options;
  SDL_Window* window = nullptr;
  SDL_GLContext context = nullptr;
  Fonts fonts;
  InputQueue input;
  int width = 0, height = 0;
  float scale = 1;

  /// A real window may lie on a display with more pixels than points.
  void measure() {
    if (options.is_headless) return;
    SDL_GetWindowSize(window, &width, &height);
    int device_width = 0, device_height = 0;
    SDL_GL_GetDrawableSize(window, &device_width, &device_height);
    const float found = options.scale > 0
                            ? options.scale
                            : static_cast<float>(device_width) / static_cast<float>(std::max(width, 1));
    width = static_cast<int>(static_cast<float>(device_width) / found);
    height = static_cast<int>(static_cast<float>(device_height) / found);
    if (found != scale || fonts.text == nullptr) set_scale(found);
  }

  void set_scale(float to) {
    scale = to;
    fonts = load_fonts(scale);
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
  }

  void check_headless_size() const {
    if (device(width) > kMostHeadlessWidth || device(height) > kMostHeadlessHeight)
      throw std::runtime_error(fmt::format("without a display a picture has at most {} × {} device pixels",
                                           kMostHeadlessWidth, kMostHeadlessHeight));
  }
  int device(int logical) const { return static_cast<int>(static_cast<float>(logical) * scale); }
};

Window::Window(const WindowOptions& options) : parts_(std::make_unique<Parts>()) {
  parts_->options = options;
  [[maybe_unused]] const DriverMemory drivers;
  if (options.is_headless) SDL_SetHint(SDL_HINT_VIDEODRIVER, "offscreen");
  if (SDL_Init(SDL_INIT_VIDEO) != 0) fail("SDL found no display");
  if (!options.is_headless) refuse_to_be_unseen();
  parts_->window = make_window(options);
  if (parts_->window == nullptr) fail("no window with OpenGL");
  parts_->context = SDL_GL_CreateContext(parts_->window);
  if (parts_->context == nullptr) fail("no OpenGL context");
  if (!options.is_headless) SDL_GL_SetSwapInterval(1);
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  map_imgui_keys();
  if (!ImGui_ImplOpenGL3_Init("#version 130")) fail("OpenGL is too old");
  parts_->width = options.width, parts_->height = options.height;
  if (options.is_headless) {
    parts_->set_scale(options.scale > 0 ? options.scale : 1);
    parts_->check_headless_size();
  } else {
    parts_->measure();
    SDL_StartTextInput();
  }
}

Window::~Window() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext();
  SDL_GL_DeleteContext(parts_->context);
  SDL_DestroyWindow(parts_->window);
  SDL_Quit();
}

InputQueue& Window::input() { return parts_->input; }
int Window::width() const { return parts_->width; }
int Window::height() const { return parts_->height; }
float Window::scale() const { return parts_->scale; }
const Fonts& Window::fonts() const { return parts_->fonts; }
void Window::set_title(const std::string& title) { SDL_SetWindowTitle(parts_->window, title.c_str()); }

void Window::poll(int wait_ms) {
  SDL_Event event;
  if (wait_ms > 0) SDL_WaitEventTimeout(nullptr, wait_ms);
  while (SDL_PollEvent(&event) != 0) {
    for (InputEvent& translated : translate(event)) parts_->input.push(std::move(translated));
  }
  parts_->measure();
}

void Window::compose(float seconds, const std::function<void()>& draw) {
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(parts_->width), static_cast<float>(parts_->height)};
  io.DisplayFramebufferScale = {parts_->scale, parts_->scale};
  io.DeltaTime = std::max(seconds, 1e-4F);
  {
    [[maybe_unused]] const DriverMemory drivers;
    ImGui_ImplOpenGL3_NewFrame();
  }
  ImGui::NewFrame();
  draw();
  ImGui::Render();
}

void Window::frame(float seconds, const std::function<void()>& draw) {
  compose(seconds, draw);
  [[maybe_unused]] const DriverMemory drivers;
  const int width = parts_->device(parts_->width), height = parts_->device(parts_->height);
  glViewport(0, 0, width, height);
  glEnable(GL_SCISSOR_TEST);
  glScissor(0, 0, width, height);
  glClearColor(0, 0, 0, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Window::present() { SDL_GL_SwapWindow(parts_->window); }

void Window::resize(int width, int height, float scale) {
  parts_->width = width, parts_->height = height;
  if (scale != parts_->scale) parts_->set_scale(scale);
  if (parts_->options.is_headless) return parts_->check_headless_size();
  SDL_SetWindowSize(parts_->window, parts_->device(width), parts_->device(height));
}

void Window::save_screenshot(const std::string& path) const {
  const int width = parts_->device(parts_->width), height = parts_->device(parts_->height);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
  write_png(path, width, height, pixels);
}

}  // namespace stackscope::gui
