#pragma once
// Small files of /proc and /sys, read and written whole.

#include <string>
#include <string_view>

namespace stackscope {

/// What is in it; empty where it cannot be read.
std::string read_small_file(const char* path);
std::string read_small_file(int folder, const char* name);
/// Whether it could be written.
bool write_small_file(const char* path, std::string_view text);
bool write_small_file(int folder, const char* name, std::string_view text);

}  // namespace stackscope
