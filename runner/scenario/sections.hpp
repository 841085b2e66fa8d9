#pragma once
// The sections of a scenario file: which keys each has, and how it is read. Within the reader only, and for
// lists of what can be set.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/scenario/scenario.hpp"

namespace stackscope::sections {

/// A section of the file whose keys are declared parameters, besides `more`, which are read by hand.
struct Section {
  std::string_view noun;  // "a host": for messages
  std::span<const Parameter> parameters;
  std::span<const std::string_view> more = {};
};

// The keys that the file itself has; hosts, links and programs declare theirs elsewhere.
std::span<const Parameter> header_parameters();  // version, title, lesson, real
std::span<const Parameter> limit_parameters();   // seed, until, max_events: a variant may change these
std::span<const Parameter> run_parameters();     // besides args and affinity
std::span<const Parameter> expectation_parameters();
std::span<const Parameter> reference_parameters();
std::span<const Parameter> step_parameters();     // besides choices
std::span<const std::string_view> table_names();  // host, peer, link, run, variant, …

/// Reads a table's declared keys, refuses unknown ones, and misses required ones (at `missing_at`). Where
/// there are errors the result holds defaults, so that reading can go on.
Arguments read_arguments(const Section& section, const std::vector<Entry>& entries, const Span& missing_at,
                         Diagnostics& diagnostics);

/// "did you mean 'x'?", or the names that there are.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known);

struct NamedTable {
  std::string name;
  Span at;  // its name in the header
  const Value* table;
};
/// `[host.a]`, `[host.b]` … of the document; what is not a table is refused.
std::vector<NamedTable> named_tables(const Value& document, std::string_view section,
                                     Diagnostics& diagnostics);
/// The tables of `[[run]]`, `[[expect]]` …
std::vector<const Value*> listed_tables(const Value& document, std::string_view section,
                                        Diagnostics& diagnostics);
/// A list of strings: columns, choices. Empty where there is none.
std::vector<LocatedText> read_texts(const Value& table, std::string_view key, Diagnostics& diagnostics);

std::vector<HostSpec> read_hosts(const Value& document, Diagnostics& diagnostics);
std::vector<PeerSpec> read_peers(const Value& document, Diagnostics& diagnostics);
/// REQUIRES: `into` already has its hosts and peers, which links join.
std::vector<LinkSpec> read_links(const Value& document, const ResolvedScenario& into,
                                 Diagnostics& diagnostics);
/// REQUIRES: `into` already has its hosts, peers and links. Lua files are sought beside the document's own.
std::vector<RunSpec> read_runs(const Value& document, const ResolvedScenario& into, Diagnostics& diagnostics);

/// All that a variant may change.
ResolvedScenario read_system(const Value& document, Diagnostics& diagnostics);
/// All that it may not: header, columns, variants, expectations, references, steps.
Scenario read_lesson(const Value& document, Diagnostics& diagnostics);

/// The changes that a table (`[variant.x]`) asks for.
std::vector<Override> overrides_of(const Value& table);
/// Applies one layer of changes (a variant's, or all `--set`s). A path that leads nowhere is refused.
void apply(Value& document, std::span<const Override> layer, Diagnostics& diagnostics);

/// The hosts and peers that a run or a link may name.
std::vector<std::string> machine_names(const ResolvedScenario& scenario);

}  // namespace stackscope::sections
