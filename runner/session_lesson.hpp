#pragma once
// Where in a recording the steps of a scenario's lesson are.

#include <optional>
#include <string>
#include <vector>

#include "runner/scenario/scenario.hpp"
#include "sim/recording.hpp"

namespace stackscope {

/// A step's place: the record that its expression found, or why there is none.
struct StepMoment {
  std::optional<RecordId> record;
  std::string error;
};

/// One for each step, in order. An expression's value is a time; the record is the first one at that time of a kind that the
/// expression looked at, or, where it names no record's own time (first('a') + us(5)), the last one until then. Something
/// that never occurs makes one walk over the whole recording.
std::vector<StepMoment> moments_of(const Scenario& scenario, const Recording& recording);

}  // namespace stackscope
