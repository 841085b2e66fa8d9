#pragma once
// A session: one simulation, run as far as somebody wants, with its recording so far. What a window drives, and what the
// command line drives to the end.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/metrics.hpp"
#include "runner/results/run_result.hpp"
#include "runner/scenario/scenario.hpp"
#include "sim/memory_recording.hpp"
#include "sim/recording_writer.hpp"

namespace stackscope {

class Simulation;

/// Where a session's records go.
enum class Keep : std::uint8_t {
  kNothing,  // fingerprints and metrics only
  kMemory,   // recording() can be read while the session goes on
  kFile,     // a recording file
};

struct SessionOptions {
  Keep keep = Keep::kNothing;
  std::string file = {};                  // for kFile
  std::string pcap = {};                  // a file for what goes through the devices; empty: none
  std::optional<std::int64_t> seed = {};  // the scenario's own where it is not given
  std::optional<Instant> until = {};      // likewise
  std::function<void(int stream, std::string_view line)> on_line = {};  // hears what programs print
  bool has_fast_path = true;  // off: every charge is an event; changes nothing but time
};

class Session {
 public:
  /// Builds the hosts; nothing has happened yet. Null and `errors` where a cost profile or a place of the scenario is wrong.
  /// Throws RecordingError and PcapError where a file cannot be written; whatever runs afterwards may, too.
  static std::unique_ptr<Session> open(const ResolvedScenario& scenario, const SessionOptions& options,
                                       std::vector<Diagnostic>& errors);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Instant now() const;
  bool is_over() const;
  /// Fires the next event; false when the run is over.
  bool step();
  /// Goes on until there are that many records in all, or the run is over. May overshoot by what one event tells.
  bool run_to_record(std::uint64_t records);
  bool run_until(Instant at);
  void run();

  std::uint64_t records() const;
  std::uint64_t events() const;
  /// REQUIRES: kMemory.
  const MemoryRecording& recording() const;

  /// What was measured so far; the outcome is Completed once it is over by itself. Scenario's name, path, expectations and
  /// references are the caller's to fill.
  RunResult result();
  /// How the Lua programs ended, each under its run's name; those that run on are kRunning.
  std::vector<std::pair<std::string, const LuaEnd*>> lua_ends() const;
  /// Ends the recording. Nothing may run afterwards.
  void finish();

 private:
  Session(const SessionOptions& options);
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The metrics that runs of this scenario will have, by their programs: for checking expectations before anything runs.
/// Paths as scripts write them: "round_trip", "round_trip.mean" …
std::vector<std::string> metric_paths(const ResolvedScenario& scenario);

}  // namespace stackscope
