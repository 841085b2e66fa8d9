#pragma once
// Did it hold? The same answers, in the same words, for the table, JUnit and TAP; and the line that replays
// a run.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// One thing that was checked: that the run came to its end, that it is the run that was expected, or one expectation.
struct CheckResult {
  enum class Kind {
    held,
    failed,  ///< the scenario expected otherwise
    error,   ///< the run did not come to its end, or never began
  };
  std::string suite;  ///< "thundering_herd.baseline"
  std::string name;   ///< the expectation, or "runs to its end"
  Kind kind = Kind::held;
  std::string
      reason;  ///< a word for machines: "expectation", "limit", "no progress", "mismatch", "internal error", "refused",
               ///< "interrupted"
  std::string detail;    ///< why it does not hold; empty where it does
  std::string position;  ///< "file:line:column"; empty for the run itself
};

/// The run itself first, then its expectations in the order of the file.
std::vector<CheckResult> checks_of(const RunResult& run);
/// That it runs to its end, which it did not: the same check as that of a run.
CheckResult check_of(const NotRun& not_run);

/// A word for the outcome: "completed", "limit", "no progress", "mismatch", "internal error".
std::string_view outcome_name(const Outcome& outcome);

/// What went wrong, for people: "a limit was reached: 10,000,000 events". Empty for a completed run.
std::string outcome_detail(const Outcome& outcome);

/// The command that runs this again, quoted for a POSIX shell, with the version as a shell comment:
/// `stackscope run scenarios/x.toml --variant shared --seed 7  # stackscope 0.1.0`.
std::string replay_command(const RunResult& run, std::string_view version);

/// The run to replay: the first one that did not pass, or nullptr.
const RunResult* first_failure(std::span<const RunResult> runs);

}  // namespace stackscope
