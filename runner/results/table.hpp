#pragma once
// The result table of a scenario: what a person sees first.
//
// Title and lesson; one row a variant, one column a metric, and beside each metric what others say of it;
// then what does not hold and why; then one line of totals, and after a failure the command that replays it.
//
// Invariant: no line is wider than `width`, but the replay command, which must stay whole to be pasted.

#include <span>
#include <string>
#include <string_view>

#include "runner/results/run_result.hpp"
#include "runner/results/text.hpp"

namespace stackscope {

/// The table alone. Requires: runs of one scenario, at least one.
///
/// References stand in columns of their own where that fits; otherwise in rows of their own below the
/// variant, and metrics that do not fit beside one another follow in a second table.
std::string metric_table(std::span<const RunResult> runs, Paint paint, int width = 80);

/// Everything about one scenario. Requires: runs of one scenario, at least one.
std::string scenario_report(std::span<const RunResult> runs, std::string_view version, Paint paint,
                            int width = 80);

}  // namespace stackscope
