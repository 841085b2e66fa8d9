#pragma once
// Which stackscope this is: reports, replay lines and recordings say so.

#include <string_view>

namespace stackscope {

std::string_view version();

}  // namespace stackscope
