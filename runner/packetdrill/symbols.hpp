#pragma once
// The constants that scripts name: SOL_SOCKET, EPOLLIN, EAGAIN …

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stackscope::packetdrill {

/// Nothing where there is no such constant.
std::optional<std::int64_t> constant(std::string_view name);
std::vector<std::string> constant_names();

/// The number of an error by its name; and the name, or the number where it has none here.
std::optional<int> error_number(std::string_view name);
std::string error_name(int number);
std::vector<std::string> error_names();

}  // namespace stackscope::packetdrill
