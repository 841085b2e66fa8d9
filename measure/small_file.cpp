#include "measure/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace stackscope {

std::string read_small_file(const char* path) { return read_small_file(AT_FDCWD, path); }

std::string read_small_file(int folder, const char* name) {
  std::string text;
  const int fd = ::openat(folder, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(fd, piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text;
}

bool write_small_file(const char* path, std::string_view text) {
  return write_small_file(AT_FDCWD, path, text);
}

bool write_small_file(int folder, const char* name, std::string_view text) {
  const int fd = ::openat(folder, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t written = ::write(fd, text.data(), text.size());
  ::close(fd);
  return written == static_cast<ssize_t>(text.size());
}

}  // namespace stackscope
