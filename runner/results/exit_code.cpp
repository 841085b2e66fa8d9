#include "runner/results/exit_code.hpp"

#include <algorithm>
#include <array>

namespace stackscope {
namespace {

constexpr auto kPrecedence =
    std::to_array<ExitCode>({ExitCode::internal_error, ExitCode::usage, ExitCode::mismatch,
                             ExitCode::not_finished, ExitCode::expectation_failed});

}  // namespace

ExitCode exit_code_of(const RunResult& run) {
  if (std::holds_alternative<InternalError>(run.outcome)) return ExitCode::internal_error;
  if (std::holds_alternative<Mismatch>(run.outcome)) return ExitCode::mismatch;
  if (!run.completed()) return ExitCode::not_finished;
  return run.failed_expectations() > 0 ? ExitCode::expectation_failed : ExitCode::all_held;
}

ExitCode exit_code_of(std::span<const RunResult> runs, std::size_t unreadable) {
  if (runs.empty() && unreadable == 0) return ExitCode::nothing_matched;
  for (const ExitCode code : kPrecedence) {
    if (code == ExitCode::usage && unreadable > 0) return code;
    if (std::any_of(runs.begin(), runs.end(),
                    [code](const RunResult& run) { return exit_code_of(run) == code; })) {
      return code;
    }
  }
  return ExitCode::all_held;
}

}  // namespace stackscope
