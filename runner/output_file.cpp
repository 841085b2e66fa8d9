#include "runner/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace stackscope {

namespace fs = std::filesystem;

OutputFile::OutputFile(const std::string& path) : name_(path), path_(path) {
  if (const int error = prepare(); error != 0) fail(error);
}

/// Returns the errno of what is in the way, or 0.
int OutputFile::prepare() {
  std::error_code error;
  const fs::file_status there = fs::status(path_, error);
  if (fs::is_directory(there)) return EISDIR;
  if (fs::exists(there) && access(path_.c_str(), W_OK) != 0) return errno;
  const bool is_device = name_.starts_with("/dev/") || (fs::exists(there) && !fs::is_regular_file(there));
  if (is_device) return 0;
  if (fs::is_symlink(path_) && !fs::exists(there))
    path_ = path_.parent_path() / fs::read_symlink(path_, error);
  path_ = fs::weakly_canonical(path_, error);
  if (error) return error.value();
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) return error.value();
  part_ = fmt::format("{}.{}.part", path_.string(), getpid());
  const int failed = put(part_, "");
  fs::remove(part_, error);
  return failed;
}

void OutputFile::fail(int error) {
  problem_ = fmt::format("'{}' cannot be written: {}", name_, std::strerror(error));
}

int OutputFile::put(const fs::path& file, std::string_view text) {
  errno = 0;
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out) return 0;
  return errno != 0 ? errno : EIO;
}

void OutputFile::write(std::string_view text) {
  const bool is_in_place = part_.empty();
  std::error_code error(put(is_in_place ? path_ : part_, text), std::generic_category());
  if (!error && !is_in_place) fs::rename(part_, path_, error);
  if (!error) return;
  fail(error.value());
  if (!is_in_place) fs::remove(part_, error);
}

}  // namespace stackscope
