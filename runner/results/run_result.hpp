#pragma once
// What one run gives back, as plain data: everything that a table, a JSON object or a CI report shows of it.
// Nothing here computes; whoever ran the scenario fills it in, and the renderers of this folder only read it.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runner/metrics.hpp"

namespace stackscope {

/// An `[[expect]]` of the scenario, as it came out.
struct CheckedExpectation {
  std::string that;     ///< the Lua expression, as it stands in the file
  std::string variant;  ///< the variant that it is about
  bool passed = false;
  std::string detail;    ///< what was found instead, e.g. "kernel_wakeups_per_connection.mean is 7.92"
  std::string position;  ///< "file:line:column"
};

/// A `[[reference]]`: what somebody else says of the same metric, printed beside the model and never checked.
struct ShownReference {
  std::string metric;
  std::string value;   ///< as it is printed: "3 to 8"
  std::string source;  ///< "published", "measured", …
};

/// A thread that still waits when nothing can wake it any more.
struct StuckThread {
  std::string thread;  ///< "workers/3"
  std::string call;    ///< "epoll_wait(4, -1)"
};

/// The run came to its own end.
struct Completed {};
/// A limit on events, simulated time or memory ended it.
struct LimitReached {
  std::string what;  ///< "10,000,000 events"
};
/// No event is pending, and these threads still wait.
struct NoProgress {
  std::vector<StuckThread> threads;
};
/// The fingerprint is not the expected one, or two runs of the same thing differ.
struct Mismatch {
  std::string what;  ///< "--expect-fingerprint", or the first record that differs
  std::string expected, found;
};
/// A bug of ours, caught at the border of this run so that the other runs still report.
struct InternalError {
  std::string what;
};

using Outcome = std::variant<Completed, LimitReached, NoProgress, Mismatch, InternalError>;

/// One run: one scenario, one variant, one seed.
///
/// Units: simulated_ns in nanoseconds; fingerprints in lower-case hexadecimal.
/// Invariant: `layers` keep the order in which they are shown; their names are unique.
struct RunResult {
  std::string scenario;       ///< "thundering_herd"
  std::string path;           ///< what `stackscope run` was given, for the replay line
  std::string title, lesson;  ///< of the scenario; may be empty
  std::string variant = "baseline";
  std::uint64_t seed = 1;
  std::vector<std::string>
      arguments;  ///< what else was asked for and changes the run: "--set", "host.server.cpus=2"

  std::string fingerprint;
  std::vector<std::pair<std::string, std::string>>
      layers;  ///< layer to fingerprint: wire, kernel, calls, program
  std::uint64_t events = 0, records = 0;
  std::int64_t simulated_ns = 0;

  Metrics metrics;
  std::vector<std::string> columns;  ///< the metrics and counters that the table shows; empty: all metrics
  Counters counters;
  std::vector<CheckedExpectation> expectations;
  std::vector<ShownReference> references;
  std::vector<std::string> notes;  ///< what the reader should know: "failed: connect: ECONNREFUSED, 10 times"
  Outcome outcome = Completed{};

  bool completed() const { return std::holds_alternative<Completed>(outcome); }
  /// By itself, if perhaps as another run than the expected one.
  bool ended() const { return completed() || std::holds_alternative<Mismatch>(outcome); }
  std::size_t failed_expectations() const {
    std::size_t failed = 0;
    for (const CheckedExpectation& expectation : expectations) failed += expectation.passed ? 0 : 1;
    return failed;
  }
  /// It came to its end, and everything that the scenario expects of it holds.
  bool passed() const { return completed() && failed_expectations() == 0; }
};

/// A scenario, or one variant of it, without a result: it was refused before it ran, or interrupted before it ended.
struct NotRun {
  struct Problem {
    std::string position;  ///< "file:line:column"; empty where there is none
    std::string message, help;
  };
  std::string scenario;            ///< its name; what was asked for where no file has it
  std::string variant;             ///< empty: all of them
  std::string reason = "refused";  ///< a word for machines: "refused", "interrupted"
  std::vector<Problem> problems;
};

}  // namespace stackscope
