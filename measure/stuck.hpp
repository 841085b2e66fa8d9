#pragma once
// Who had not ended at the deadline, and where each is: what "no progress" says.

#include <span>
#include <vector>

#include "measure/arena.hpp"
#include "measure/real_run.hpp"

namespace stackscope {

/// Every thread that still lives. REQUIRES: called by the supervisor, before anybody is ended.
std::vector<RealStuckThread> stuck_threads(const Arena& arena, std::span<const RealProgram> programs);

}  // namespace stackscope
