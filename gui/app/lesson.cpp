#include "gui/app/lesson.hpp"

namespace stackscope::gui {

void go_to_step(LessonLook& look, const std::vector<LessonStep>& steps, std::size_t step) {
  look = {step, std::nullopt, steps[step].ask.empty()};
}

bool go_on(LessonLook& look, const std::vector<LessonStep>& steps) {
  if (!look.revealed) return look.revealed = true;
  if (look.step + 1 >= steps.size()) return false;
  go_to_step(look, steps, look.step + 1);
  return true;
}

bool go_back(LessonLook& look, const std::vector<LessonStep>& steps) {
  // The lesson begins with its first step hidden, also where that one asks nothing.
  const bool can_hide = !steps[look.step].ask.empty() || look.step == 0;
  if (look.revealed && can_hide) {
    look = {look.step, std::nullopt, false};
    return true;
  }
  if (look.step == 0) return false;
  look = {look.step - 1, std::nullopt, true};
  return true;
}

std::optional<RecordId> place_of(const LessonLook& look, const std::vector<StepMoment>& moments) {
  const std::optional<RecordId> moment = moments[look.step].record;
  if (!moment || look.revealed || moment->value == 0) return moment;
  return RecordId{moment->value - 1};
}

}  // namespace stackscope::gui
