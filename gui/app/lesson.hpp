#pragma once
// Going through a scenario's lesson: a question is asked before its moment, and answered at it.

#include <optional>
#include <vector>

#include "gui/app/look.hpp"
#include "runner/scenario/scenario.hpp"
#include "runner/session_lesson.hpp"

namespace stackscope::gui {

// REQUIRES for all: look.step is a step of the lesson.

/// Nothing chosen; revealed at once where the step asks nothing.
void go_to_step(LessonLook& look, const std::vector<LessonStep>& steps, std::size_t step);
/// Reveals what is hidden, then goes to the next step. False at the end.
bool go_on(LessonLook& look, const std::vector<LessonStep>& steps);
/// Takes back what go_on() did. False at the beginning.
bool go_back(LessonLook& look, const std::vector<LessonStep>& steps);
/// Where the recording is to stand: at the step's moment, or on the record before it while the answer is hidden. Nothing
/// where this never happened.
std::optional<RecordId> place_of(const LessonLook& look, const std::vector<StepMoment>& moments);

}  // namespace stackscope::gui
