#pragma once
// A report in a file: there whole, or not there. Whether it can be written is known before the work begins, and what an
// earlier run left behind stays until this one's takes its place.

#include <filesystem>
#include <string>
#include <string_view>

namespace stackscope {

class OutputFile {
 public:
  /// Makes the folders that are missing, and tries whether a file can be made there; problem() says why not. Nothing is left
  /// of the trial. Devices and pipes are written as they are.
  explicit OutputFile(const std::string& path);

  /// "'results/junit.xml' cannot be written: Permission denied"; empty where it can.
  const std::string& problem() const { return problem_; }

  /// Writes a file beside it and renames that. REQUIRES: no problem(); afterwards it tells what went wrong, if something did.
  void write(std::string_view text);

 private:
  int prepare();
  void fail(int error);
  static int put(const std::filesystem::path& file, std::string_view text);

  std::string name_;            // as it was given
  std::filesystem::path path_;  // without symbolic links: it is what they point at that is replaced
  std::filesystem::path part_;  // where it is written at first; empty: in place
  std::string problem_;
};

}  // namespace stackscope
