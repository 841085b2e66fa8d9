#pragma once
// One run from a scenario to a checked result: resolve, check the names, run a session to its end, hold the expectations
// against what happened.

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "runner/results/run_result.hpp"
#include "runner/scenario/scenario.hpp"

namespace stackscope {

/// What may be asked of a run besides its scenario and variant.
struct RunOptions {
  std::vector<std::string> sets;     // "PATH=VALUE"
  std::optional<std::int64_t> seed;  // the scenario's own where it is not given
  std::string until;                 // "2s"; empty: the scenario's own. REQUIRES: readable
  std::string record;                // a file for the recording; empty: none is kept
  std::string pcap;                  // a file for what goes through the devices; empty: none
  std::string record_on_failure;     // a folder: a run that does not pass is run again, with a recording
  std::string expect_fingerprint;    // 16 hex digits; empty: any will do
  const std::atomic<int>* interrupted = nullptr;  // the run is given up once it is not 0; null: never

  bool is_interrupted() const { return interrupted != nullptr && interrupted->load() != 0; }
};

/// The arguments that make the command line ask for the same run again.
std::vector<std::string> replay_arguments(const RunOptions& options);

/// A result, or the errors for which there is none; both where an expectation turned out to be wrong in itself only when it
/// was evaluated; neither where the run was interrupted.
struct ScenarioRun {
  std::optional<RunResult> result;
  std::vector<Diagnostic> errors;

  bool is_interrupted() const { return !result && errors.empty(); }
};

/// A scenario, and how it is called.
struct NamedScenario {
  std::string name;  // "thundering_herd"
  std::string path;  // as it was given
  const Scenario* scenario = nullptr;
};

/// Runs one variant on the calling thread, from the engine's creation to its end. Never throws for what the run did: a bug
/// of ours becomes its outcome, a recording that cannot be written an error.
ScenarioRun run_one(const NamedScenario& named, const std::string& variant, const RunOptions& options);

/// "results/thundering_herd.shared.seed1.stackscope": where --record-on-failure puts a run's recording. Two scenarios or
/// variants never share one: what a name may have and a file's may not, and dots, stand there as "%2e".
std::string recording_path(const std::string& folder, const RunResult& run);

}  // namespace stackscope
