#pragma once
// A scenario: what a .toml file of scenarios/ says, checked, as plain data.
//
//     LoadedScenario loaded = load_scenario_file("scenarios/thundering_herd.toml");
//     if (!loaded.scenario) { std::cerr << render(loaded.errors); return 2; }
//     ResolvedScenario herd = *resolve(*loaded.scenario, "each-exclusive",
//     {"run.workers.threads=4"}).scenario;
//
// Loading checks everything, each variant included, and reports all errors of the file at once.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/vocabulary/parameter.hpp"
#include "runner/scenario/lua_file.hpp"
#include "runner/scenario/value.hpp"
#include "userland/catalogue.hpp"

namespace stackscope {

/// The name of a scenario as its file has it, without any variant.
inline constexpr std::string_view kBaseline = "baseline";

/// A text and where it was written, so that whoever evaluates it later can point at it.
struct LocatedText {
  std::string text;
  Span at;
};

struct HostSpec {
  std::string name;
  Arguments own, nic, sysctl;  // host_parameters(), nic_parameters(), sysctl_parameters()
};

struct PeerSpec {
  std::string name;
  Arguments own, sysctl;  // peer_parameters(), peer_sysctl_parameters()
};

struct LinkSpec {
  std::string name;
  std::array<std::string, 2> between;  // hosts or peers
  Arguments own;                       // link_parameters()
};

/// The scheduling policy of a run's threads: sched(7).
struct Policy {
  enum class Class : std::uint8_t { kOther, kFifo };
  Class scheduling = Class::kOther;
  int priority = 0;  // kFifo: 1 to 99
  int nice = 0;      // kOther: -20 to 19
  bool operator==(const Policy&) const = default;
};

/// Reads "other", "other:-5" or "fifo:50".
std::optional<Policy> parse_policy(std::string_view text, Complaint& complaint);
std::string print_policy(const Policy& policy);

/// One `[[run]]`: a program, and where and how it runs.
struct RunSpec {
  std::string name;
  const ProgramSpec* program = nullptr;
  std::shared_ptr<const LuaFile> lua;  // whose `program` it is, where that is in Lua
  std::string on;                      // a host or a peer
  bool on_peer = false;
  int threads = 1;
  Policy policy;              // without effect on a peer, which has no CPU
  std::vector<int> affinity;  // sched_setaffinity(2) of each thread; empty: every CPU
  Duration start;             // when its threads begin, from the start of the simulation
  bool serves = false;        // the simulation does not wait for its end
  Arguments args;
};

/// Where a run of the simulation ends if nothing else ends it.
struct Limits {
  Duration until;               // Duration::max() for "never"
  std::int64_t max_events = 0;  // reaching it is exit code 4
};

/// One `[[expect]]` as the file has it.
struct ExpectSpec {
  std::string variant;  // kBaseline where the file names none
  LocatedText that;     // a Lua expression
};

/// What others say, printed beside the model.
struct Reference {
  std::string variant, metric, value, source;
  Span at;
};

/// One step of the lesson.
struct LessonStep {
  LocatedText at;  // a Lua expression for a moment
  std::string ask;
  std::vector<std::string> choices;
  std::string say;
};

/// One change of a variant or a `--set`: "run.workers.args.exclusive" = true.
struct Override {
  std::string path;
  Span path_at;
  Value value;
};

struct Variant {
  std::string name, title;
  std::vector<Override> overrides;
};

struct Scenario {
  std::string title, lesson;
  std::string real;                   // "loopback", "veth" or "no: reason"
  std::vector<LocatedText> columns;   // metrics and counters that the result table shows
  std::vector<std::string> symptoms;  // what a person would search for who has the problem
  std::vector<Variant> variants;      // without the baseline, in file order
  std::vector<ExpectSpec> expectations;
  std::vector<Reference> references;
  std::vector<LessonStep> steps;
  Value document;  // what overrides are applied to
};

/// Everything that a run needs, for one variant.
struct ResolvedScenario {
  std::string title, variant;
  std::int64_t seed = 1;
  Limits limits;
  std::vector<HostSpec> hosts;
  std::vector<PeerSpec> peers;
  std::vector<LinkSpec> links;
  std::vector<RunSpec> runs;
};

/// Either a scenario, or at least one error. In both the texts outlive the call: spans share them.
struct LoadedScenario {
  std::optional<Scenario> scenario;
  std::vector<Diagnostic> errors;
  // Also where there are errors, so that the names in them can be told with the others.
  std::vector<ExpectSpec> expectations = {};
  std::vector<LessonStep> steps = {};
};
LoadedScenario load_scenario(std::string name, std::string text);
/// A file that cannot be read is an error like any other.
LoadedScenario load_scenario_file(const std::string& path);

struct Resolution {
  std::optional<ResolvedScenario> scenario;
  std::vector<Diagnostic> errors;
};
/// The scenario with a variant's changes, and then `sets` ("PATH=VALUE"), applied in order. The same checks
/// as for the file; errors of a set point at the command line's text. An unknown variant is an error with a
/// suggestion.
///
/// A change of a run's program drops the arguments that the new program does not have, unless the same
/// variant or the same sets give them.
Resolution resolve(const Scenario& scenario, std::string_view variant, std::span<const std::string> sets);

/// The JSON schema (2020-12) of scenario files, from the same tables that the reader uses.
std::string scenario_json_schema();

}  // namespace stackscope
