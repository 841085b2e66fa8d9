#include "gui/panels/scenarios.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <imgui.h>

#include "gui/draw/layout.hpp"

namespace stackscope::gui {
namespace {

std::string name_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

bool is_open(const BrowserContext& context, const std::string& path, const std::string& variant) {
  return context.open != nullptr && context.open->path == path && context.open->variant == variant;
}

/// A row a variant: what it is called, and what it is.
void draw_variants(const BrowserContext& context, const ScenarioList::Entry& entry, Wish& wish) {
  float width = 0;
  for (const auto& [variant, title] : entry.variants)
    width = std::max(width, ImGui::CalcTextSize(variant.c_str()).x);
  width += 2 * ImGui::GetStyle().FramePadding.x;
  const float left = ImGui::GetCursorPosX() + 12 * context.canvas.zoom();
  for (const auto& [variant, title] : entry.variants) {
    ImGui::SetCursorPosX(left);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string name = fmt::format("{} {}", name_of(entry.path), variant);
    if (context.widgets.button(name, variant, {at.x, at.y, width, 0}, is_open(context, entry.path, variant)))
      wish.open = OpenRequest{entry.path, variant};
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    context.widgets.words(title, context.theme.dim);
  }
}

/// The scenario's title behind a triangle. Returns whether it was clicked.
bool draw_heading(const BrowserContext& context, const std::string& name, const std::string& head,
                  bool is_unfolded) {
  const float zoom = context.canvas.zoom();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + ImGui::GetTextLineHeight() / 2, size = 5 * zoom;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 tip =
      is_unfolded ? ImVec2{at.x + size, middle + size * 0.8F} : ImVec2{at.x + 1.6F * size, middle};
  if (is_unfolded) {
    list.AddTriangleFilled({tip.x - size, tip.y - 1.6F * size}, {tip.x + size, tip.y - 1.6F * size}, tip,
                           context.theme.dim);
  } else {
    list.AddTriangleFilled({tip.x - 1.6F * size, middle - size}, tip, {tip.x - 1.6F * size, middle + size},
                           context.theme.dim);
  }
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 18 * zoom);
  const Rect rect = context.widgets.words(head, context.theme.text);
  context.widgets.registry().add("scenario " + name, rect, head);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  return ImGui::IsWindowHovered() && ImGui::IsMouseClicked(0) && mouse.x >= at.x && mouse.x < rect.right() &&
         mouse.y >= rect.y && mouse.y < rect.bottom();
}

/// What is open is unfolded by itself.
void draw_entry(const BrowserContext& context, const ScenarioList::Entry& entry, Wish& wish) {
  const std::string name = name_of(entry.path);
  if (!entry.error.empty()) {
    const std::string head = fmt::format("{} cannot be opened", entry.path);
    context.widgets.registry().add("scenario " + name, context.widgets.words(head, context.theme.text), head);
    const Rect rect = context.widgets.words(entry.error, context.theme.hardirq);
    context.widgets.registry().add("error of " + name, rect, entry.error);
  } else {
    const bool is_current = context.open != nullptr && context.open->path == entry.path;
    const bool is_unfolded = is_current != context.list.is_turned(entry.path);
    if (draw_heading(context, name, fmt::format("{}  ({})", entry.title, entry.variants.size()), is_unfolded))
      context.list.turn(entry.path);
    if (is_unfolded) draw_variants(context, entry, wish);
  }
  ImGui::Dummy({0, 6 * context.canvas.zoom()});
}

}  // namespace

Wish draw_browser(const BrowserContext& context, const Rect& area) {
  const float zoom = context.canvas.zoom();
  context.canvas.fill(area.inset(4), context.theme.panel, 5);
  Rect rest = area.inset(14);
  Rect head = cut_top(rest, 28 * zoom);
  const Rect again = cut_right(head, 96 * zoom);
  if (context.widgets.button("read again", "read again", again)) context.list.forget();
  const auto& entries = context.list.entries();
  const std::string text = fmt::format(
      "{} in {}/", entries.size() == 1 ? "1 scenario" : fmt::format("{} scenarios", entries.size()),
      context.list.folder());
  context.canvas.text_in(head, text, context.theme.text, Face::kBold);
  context.widgets.registry().add("scenarios", head, text);
  cut_top(rest, 8 * zoom);
  Wish wish;
  context.widgets.begin_scroll("scenario list", rest);
  for (const ScenarioList::Entry& entry : entries) draw_entry(context, entry, wish);
  context.widgets.end_scroll();
  return wish;
}

Wish draw_scenarios(const PanelContext& context, const Rect& area) {
  Wish wish = draw_browser(
      {context.canvas, context.theme, context.widgets, context.scenarios, &context.document.request()}, area);
  if (wish.open) context.look.centre = 0;  // to what was opened
  return wish;
}

}  // namespace stackscope::gui
