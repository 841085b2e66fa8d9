#include "runner/console.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace stackscope {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool is_dumb() {
  const char* terminal = std::getenv("TERM");
  return terminal == nullptr || std::string_view(terminal) == "dumb";
}

/// Lines longer than this are hard to read, however wide the window.
constexpr int kWidest = 120, kNarrowest = 40;

int columns_of(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<int>(size.ws_col, kNarrowest, kWidest);
}

}  // namespace

void Console::progress(std::string_view line) const {
  if (shows_progress) err << "\r\x1b[K" << elide_end(line, width - 1) << std::flush;
}

void Console::complain(std::string_view message) const {
  clear_progress();
  err << flowed(message, error_width) << "\n";
}

Console standard_console() {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1, is_error_terminal = isatty(STDERR_FILENO) == 1;
  return {std::cout,
          std::cerr,
          is_terminal && !is_set("NO_COLOR") && !is_dumb(),
          is_error_terminal && !is_dumb(),
          is_terminal ? columns_of(STDOUT_FILENO) : 80,
          is_error_terminal ? columns_of(STDERR_FILENO) : 0};
}

}  // namespace stackscope
