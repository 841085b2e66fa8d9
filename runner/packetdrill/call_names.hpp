#pragma once
// The system calls that a script can make, and how many arguments each takes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope::packetdrill {

struct CallName {
  std::string_view name;
  std::size_t least, most;  // arguments
};

/// Null where there is no such call here.
const CallName* find_call(std::string_view name);
std::vector<std::string> call_names();

}  // namespace stackscope::packetdrill
