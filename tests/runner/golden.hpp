#pragma once
// Golden files: text that a person has looked at and approved.
// `STACKSCOPE_APPROVE=1 ctest -R …` (or the test program itself) writes what came out; look at the diff, then
// commit.

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace stackscope {

inline std::string golden_path(const std::string& name) {
  return std::string(STACKSCOPE_SOURCE_DIR) + "/tests/runner/golden/" + name;
}

/// The approved text; `text` itself where it is just being approved. A missing file reads as empty, and so
/// fails.
inline std::string approved(const std::string& name, const std::string& text) {
  if (std::getenv("STACKSCOPE_APPROVE") != nullptr) std::ofstream(golden_path(name)) << text;
  std::ostringstream all;
  all << std::ifstream(golden_path(name)).rdbuf();
  return all.str();
}

}  // namespace stackscope
