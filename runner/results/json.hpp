#pragma once
// The results as one JSON object, for machines. docs/json.md is its contract.

#include <span>
#include <string>
#include <string_view>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// `{"version": …, "runs": […], "not_run": […]}`, indented by two spaces, with a line end. Keys keep one order; the same
/// results are the same bytes, whatever the locale, the compiler or the machine. Invalid UTF-8 becomes
/// U+FFFD.
std::string results_json(std::span<const RunResult> runs, std::string_view version,
                         std::span<const NotRun> not_run = {});

}  // namespace stackscope
