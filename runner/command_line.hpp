#pragma once
// The command line of `stackscope`: reads it, does what it says, and says how that ended.

#include "runner/console.hpp"
#include "runner/results/exit_code.hpp"

namespace stackscope {

/// Never throws: a bug of ours ends in a message and ExitCode::internal_error.
ExitCode command_line(int argc, const char* const* argv, const Console& console);

}  // namespace stackscope
