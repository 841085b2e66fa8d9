#pragma once
// What a shell is told: one number for many runs.

#include <cstddef>
#include <span>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// Part of the interface: scripts depend on these numbers.
enum class ExitCode : int {
  all_held = 0,
  expectation_failed = 1,
  usage = 2,            ///< a bad option, or a scenario that does not read
  mismatch = 3,         ///< of a fingerprint, or between two runs that should be equal
  not_finished = 4,     ///< a limit was reached, or nothing could make progress
  nothing_matched = 5,  ///< no scenario was found
  internal_error = 70,
  interrupted = 130,  ///< by SIGINT, as shells count it: 128 and the signal's number
  terminated = 143,   ///< by SIGTERM
};

/// The code of one run.
ExitCode exit_code_of(const RunResult& run);

/// The code of an invocation: of everything that happened, what makes the other results least trustworthy.
///
/// Precedence: 70, 2, 3, 4, 1, 5, 0. A bug of ours says nothing of the model; a scenario that does not read
/// leaves the invocation incomplete; without determinism no result means much; a run that was cut short may
/// fail an expectation only for that. `unreadable` counts scenarios that were refused before they ran.
/// Without any run and without a refusal nothing matched.
ExitCode exit_code_of(std::span<const RunResult> runs, std::size_t unreadable = 0);

}  // namespace stackscope
