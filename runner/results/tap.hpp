#pragma once
// The results in the Test Anything Protocol, version 14: one line a check, with a YAML block under what
// failed.

#include <span>
#include <string>
#include <string_view>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// "TAP version 14", the plan, and a line for every run, every expectation, and whatever did not run. The block of a failure holds
/// its `message`, `severity`, `at` and the `replay` command, each a JSON string, which YAML reads as it is.
std::string tap(std::span<const RunResult> runs, std::string_view version,
                std::span<const NotRun> not_run = {});

}  // namespace stackscope
