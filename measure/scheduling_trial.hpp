#pragma once
// Whether a program may have the policy, niceness and CPUs that it asks for, before it runs.

#include "measure/real_run.hpp"

namespace stackscope {

/// Tried in a process that ends at once. REQUIRES: as for a run.
bool may_be_scheduled(const RealProgram& program);

}  // namespace stackscope
