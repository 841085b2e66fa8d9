#pragma once
// `[[expect]] that = "kernel_wakeups_per_connection.mean == 8"`: refused before the run where it cannot mean
// anything, decided after it, with what it looked at.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runner/metrics.hpp"
#include "runner/record_query.hpp"
#include "sim/script/sandbox.hpp"

namespace stackscope {

/// Where the text of `that` begins in its file, so that a problem's line and column can be added to it.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Expectation {
  std::string that;
  std::string variant = "baseline";
  SourcePosition where;
};

/// What an expectation may name. Built-ins of the sandbox and the record functions come before metrics,
/// metrics before counters.
struct ExpectationNames {
  std::span<const std::string> metrics;   // paths, as script_paths() gives them
  std::span<const std::string> counters;  // all counters there are, also those that stay at 0
  std::span<const std::string> records;
};

/// Everything wrong with it that can be known before the run: syntax, unknown metrics, fields, counters and
/// records, and expectations of which a part could not fail: it looks at nothing of the run, or holds in any. Lines and columns count
/// within `that`.
std::vector<script::ScriptError> check_expectation(const Expectation& expectation,
                                                   const ExpectationNames& names);

/// The same for a step's `at`, which names a moment by records alone: first('sched:sched_waking').
std::vector<script::ScriptError> check_moment(const std::string& at, std::span<const std::string> records);

/// What a run left behind. All must outlive the call.
struct Evidence {
  const Metrics& metrics;
  const Counters& counters;
  std::span<const std::string> known_counters;  // one that is not in `counters` is 0
  const RecordQuery* records = nullptr;         // without a recording its functions are unknown names
};

struct Verdict {
  enum class Outcome : std::uint8_t {
    kPassed,
    kFailed,  // it is false, or what it asks about never happened
    kError,   // it is wrong in itself: a bad scenario, exit code 2, never a pass
  };
  Outcome outcome = Outcome::kError;
  std::string reason;  // one line: "kernel_wakeups_per_connection.mean was 2.0", or what is wrong
  std::vector<script::Observation> seen;
  std::optional<script::ScriptError> error;
};

Verdict evaluate(const Expectation& expectation, const Evidence& evidence);

/// Numbers by format_number; strings in quotes.
std::string format_value(const script::Value& value);

}  // namespace stackscope
