#include "gui/panels/lesson.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <imgui.h>

#include "gui/app/lesson.hpp"
#include "gui/draw/layout.hpp"

namespace stackscope::gui {
namespace {

const std::vector<LessonStep>& steps_of(const PanelContext& context) {
  return context.document.scenario()->steps;
}

void words(const PanelContext& context, std::string name, const std::string& text, Colour colour) {
  context.registry.add(std::move(name), context.widgets.words(text, colour), text);
}

/// "previous", where we are, "next". Returns whether the step was changed.
bool draw_way(const PanelContext& context, Rect row) {
  LessonLook& look = context.look.lesson;
  const std::vector<LessonStep>& steps = steps_of(context);
  const float width = std::min(84 * context.canvas.zoom(), row.w * 0.32F);
  const Rect left = cut_left(row, width), right = cut_right(row, width);
  std::size_t wanted = look.step;
  if (context.widgets.button("lesson previous", "previous", left) && wanted > 0) --wanted;
  if (context.widgets.button("lesson next", "next", right) && wanted + 1 < steps.size()) ++wanted;
  const std::string text = fmt::format("step {} of {}", look.step + 1, steps.size());
  context.canvas.text_in(row, text, context.theme.text, Face::kText, Align::kCentre);
  context.registry.add("lesson step", row, text);
  if (wanted == look.step) return false;
  go_to_step(look, steps, wanted);
  return true;
}

void draw_choices(const PanelContext& context, const LessonStep& step) {
  LessonLook& look = context.look.lesson;
  for (std::size_t i = 0; i < step.choices.size(); ++i) {
    const bool is_chosen = look.chosen == i;
    if (context.widgets.choice(fmt::format("choice {}", i + 1), step.choices[i], is_chosen)) look.chosen = i;
  }
}

/// The answer stands right under its question, so that a large type does not push it out of sight.
bool draw_step(const PanelContext& context) {
  LessonLook& look = context.look.lesson;
  const LessonStep& step = steps_of(context)[look.step];
  const StepMoment& moment = context.document.moments()[look.step];
  const Colour asked = look.revealed ? context.theme.dim : context.theme.text;
  if (!step.ask.empty()) words(context, "question", step.ask, asked);
  if (look.revealed) words(context, "answer", step.say, context.theme.text);
  if (!moment.record) {
    words(context, "no moment", fmt::format("Not in this run: {}.", moment.error), context.theme.hardirq);
  }
  ImGui::Spacing();
  draw_choices(context, step);
  if (look.revealed) return false;
  const bool is_pressed =
      context.widgets.choice("button reveal", step.ask.empty() ? "go there" : "reveal", {});
  look.revealed = is_pressed;
  return is_pressed;
}

void draw_lesson_text(const PanelContext& context) {
  const Document& document = context.document;
  ImGui::Spacing();
  ImGui::Separator();
  ImGui::Spacing();
  if (document.request().variant != kBaseline || !document.request().sets.empty()) {
    words(context, "lesson variant", "The steps speak of the baseline; this run differs from it.",
          context.theme.hardirq);
  }
  words(context, "lesson text", document.scenario()->lesson, context.theme.dim);
}

}  // namespace

Wish draw_lesson(const PanelContext& context, const Rect& area) {
  context.canvas.fill(area, context.theme.panel, 5);
  const Scenario* scenario = context.document.scenario();
  if (scenario == nullptr) {
    context.canvas.text_in(area, "A recording has no lesson.", context.theme.dim, Face::kText,
                           Align::kCentre);
    return {};
  }
  const float zoom = context.canvas.zoom();
  Rect rest = area.inset(8);
  const LessonLook& look = context.look.lesson;
  bool has_moved = false;
  if (!scenario->steps.empty()) {
    has_moved = draw_way(context, cut_top(rest, 28 * zoom));
    cut_top(rest, 6 * zoom);
  }
  // A place of its own for each step, so that none begins scrolled to where the last one was.
  context.widgets.begin_scroll(fmt::format("lesson {}{}", look.step + 1, look.revealed ? " revealed" : ""),
                               rest);
  if (!scenario->steps.empty()) has_moved = draw_step(context) || has_moved;
  draw_lesson_text(context);
  context.widgets.end_scroll();
  Wish wish;
  if (has_moved) wish.go_to = place_of(look, context.document.moments());
  return wish;
}

}  // namespace stackscope::gui
