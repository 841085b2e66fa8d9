#pragma once
// What can be wrong with a `stackscope run` before anything runs: values that are none, options that speak of one run, and
// files. Those that it is asked to write each have a place of their own, and are none that it reads.

#include <span>
#include <string>
#include <vector>

#include "runner/commands/commands.hpp"

namespace stackscope {

/// What is wrong with --until and --expect-fingerprint, a sentence each.
std::vector<std::string> unsound_run_options(const RunOptions& options);

/// Options that speak of one run, where this is not how many there are.
std::vector<std::string> wants_one_run(const RunOptions& options, std::size_t runs);

/// What is wrong with --record, --record-on-failure and --junit, a sentence each. `inputs`: the files that will be read.
std::vector<std::string> clashes(const RunRequest& request, std::span<const std::string> inputs);

/// The JUnit file of a command line that was refused, so that no earlier one is taken for its own. Says on `console` where
/// that cannot be written; nothing where none was asked for, or where it is one of the files below `paths`.
void write_refusal(const std::string& junit, std::span<const std::string> paths, std::string_view message,
                   const Console& console);

}  // namespace stackscope
