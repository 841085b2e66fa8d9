#pragma once
// What comes through a program's descriptor 1 or 2, as lines.

#include <functional>
#include <string>
#include <string_view>

namespace stackscope {

class LinePipe {
 public:
  using OnLine = std::function<void(int stream, std::string_view line)>;
  /// `on_line` must outlive it; it may be empty. Throws std::system_error.
  LinePipe(int stream, const OnLine& on_line);
  ~LinePipe();
  LinePipe(const LinePipe&) = delete;
  LinePipe& operator=(const LinePipe&) = delete;

  int reader() const { return reader_; }
  int writer() const { return writer_; }
  void close_writer();
  /// What is there now.
  void drain();
  /// What is there, and a last line that was not ended. REQUIRES: nobody writes any more.
  void finish();

 private:
  void take(std::string_view text);

  const int stream_;
  const OnLine& on_line_;
  int reader_ = -1, writer_ = -1;
  std::string line_;
};

}  // namespace stackscope
