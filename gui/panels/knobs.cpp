#include "gui/panels/knobs.hpp"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include "gui/app/knobs.hpp"
#include "gui/draw/layout.hpp"

namespace stackscope::gui {
namespace {

void variants(const PanelContext& context, Wish& wish) {
  const Document& document = context.document;
  std::vector<std::string> names{std::string(kBaseline)};
  for (const Variant& variant : document.scenario()->variants) names.push_back(variant.name);
  const float right = ImGui::GetWindowPos().x + ImGui::GetContentRegionAvail().x;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const float width = ImGui::CalcTextSize(names[i].c_str()).x + 2 * ImGui::GetStyle().FramePadding.x;
    if (i > 0 && last_item().right() + ImGui::GetStyle().ItemSpacing.x + width < right) ImGui::SameLine();
    if (context.widgets.inline_button("variant " + names[i], names[i],
                                      names[i] == document.request().variant)) {
      wish.open = OpenRequest{document.request().path, names[i], document.request().sets};
    }
  }
}

/// A row a metric: before, if there was a run before, and after.
void results(const PanelContext& context) {
  const Results now = results_of(context.document);
  const Results& before = context.look.knobs.before;
  const float zoom = context.canvas.zoom();
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto& [label, text] = now[i];
    const bool is_same_metric = i < before.size() && before[i].first == label;
    const std::string was = is_same_metric ? before[i].second : "";
    context.widgets.words(label, context.theme.dim);
    ImGui::SameLine(170 * zoom);
    const std::string shown = was.empty() || was == text ? text : fmt::format("{} → {}", was, text);
    context.widgets.words(shown, was.empty() || was == text ? context.theme.text : context.theme.changed);
    context.registry.add("result " + label, last_item(), shown);
  }
}

void field(const PanelContext& context, const Knob& knob, Wish& wish) {
  KnobsLook& look = context.look.knobs;
  const bool is_drafted = look.drafted == knob.path;
  std::string text = is_drafted ? look.draft : knob.value;
  ImGui::SetNextItemWidth(-34 * context.canvas.zoom());
  const bool is_entered =
      ImGui::InputText(fmt::format("##{}", knob.path).c_str(), &text, ImGuiInputTextFlags_EnterReturnsTrue);
  context.registry.add("knob " + knob.path, last_item(), text);
  if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("%s\n%s", std::string(knob.sentence).c_str(), knob.range.c_str());
  }
  if (ImGui::IsItemActive() || is_entered) look.drafted = knob.path, look.draft = text;
  if (is_entered) {
    Change change = changed(context.document, knob.path, text);
    look.error = change.error;
    if (change.request) wish.open = std::move(*change.request), look.drafted.clear();
  }
  if (is_drafted && !look.error.empty()) {
    context.widgets.words(look.error, context.theme.hardirq);
    context.registry.add("knob error", last_item(), look.error);
  }
}

void row(const PanelContext& context, const Knob& knob, Wish& wish) {
  ImGui::AlignTextToFramePadding();
  context.widgets.words(knob.name, knob.is_changed ? context.theme.changed : context.theme.text);
  ImGui::SameLine(190 * context.canvas.zoom());
  field(context, knob, wish);
  if (!knob.is_changed) return;
  ImGui::SameLine();
  if (context.widgets.inline_button("reset " + knob.path, "×"))
    wish.open = unchanged(context.document, knob.path);
}

}  // namespace

Wish draw_knobs(const PanelContext& context, const Rect& area) {
  context.canvas.fill(area, context.theme.panel, 5);
  Wish wish;
  if (context.document.resolved() == nullptr) {
    context.canvas.text_in(area, "A recording has no knobs: they belong to its scenario.", context.theme.dim,
                           Face::kText, Align::kCentre);
    return wish;
  }
  context.widgets.begin_scroll("knobs list", area.inset(10));
  variants(context, wish);
  ImGui::Spacing();
  results(context);
  std::string group;
  for (const Knob& knob : knobs_of(context.document)) {
    if (knob.group != group) ImGui::Spacing(), context.widgets.words(group = knob.group, context.theme.dim);
    row(context, knob, wish);
  }
  context.widgets.end_scroll();
  return wish;
}

}  // namespace stackscope::gui
