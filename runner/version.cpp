#include "runner/version.hpp"

namespace stackscope {

std::string_view version() { return STACKSCOPE_VERSION; }

}  // namespace stackscope
