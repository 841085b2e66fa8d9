#pragma once
// A script on the kernel underneath: in a real run of one program, in a network of its own.

#include "runner/packetdrill/run_script.hpp"
#include "runner/packetdrill/script.hpp"

namespace stackscope::packetdrill {

/// REQUIRES: as run_real(). Where the machine refuses, the result says so in `cannot`.
ScriptResult play_on_host(const Script& script, const ScriptRun& how);

}  // namespace stackscope::packetdrill
