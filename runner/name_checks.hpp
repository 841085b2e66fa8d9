#pragma once
// The names that a scenario's expectations, steps, references and columns use: all of them are known before anything runs, so a
// wrong one is an error of the file, with line and column, and never a pass.

#include <string>
#include <vector>

#include "runner/expectations.hpp"
#include "runner/scenario/scenario.hpp"

namespace stackscope {

/// load_scenario_file(), and the names of every variant. Where the file has other errors too, expectations are held against
/// all metrics that any program can have, so that one mistake is not told twice.
LoadedScenario load_checked_scenario(const std::string& path);

/// The same for one variant as it will run, with `--set`s: a changed program has other metrics.
std::vector<Diagnostic> check_names(const Scenario& scenario, const ResolvedScenario& resolved);

/// Every record that the model can emit.
std::vector<std::string> record_names();

/// A problem within an expectation's or a step's text, at its place in the file.
Diagnostic in_file(const LocatedText& text, const script::ScriptError& error);

/// As runner/expectations.hpp wants it.
Expectation expectation_of(const ExpectSpec& spec);

}  // namespace stackscope
