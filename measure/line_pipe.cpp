#include "measure/line_pipe.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace stackscope {

LinePipe::LinePipe(int stream, const OnLine& on_line) : stream_(stream), on_line_(on_line) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "no pipe");
  reader_ = ends[0];
  writer_ = ends[1];
  ::fcntl(reader_, F_SETFL, O_NONBLOCK);
}

LinePipe::~LinePipe() {
  close_writer();
  ::close(reader_);
}

void LinePipe::close_writer() {
  if (writer_ >= 0) ::close(writer_);
  writer_ = -1;
}

void LinePipe::drain() {
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(reader_, piece, sizeof piece)) > 0;) {
    take({piece, static_cast<std::size_t>(got)});
  }
}

void LinePipe::finish() {
  drain();
  if (!line_.empty() && on_line_) on_line_(stream_, line_);
  line_.clear();
}

void LinePipe::take(std::string_view text) {
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    line_.append(text.substr(0, end));
    if (on_line_) on_line_(stream_, line_);
    line_.clear();
  }
  line_.append(text);
}

}  // namespace stackscope
