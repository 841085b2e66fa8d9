#include "gui/panels/palette.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <imgui.h>

#include "gui/draw/layout.hpp"

namespace stackscope::gui {
namespace {

constexpr float kWidth = 560, kTop = 70, kMargin = 10;

/// Rows around the chosen one, so that it is always in sight.
std::size_t first_row(const Palette& palette, std::size_t rows) {
  return palette.chosen() < rows ? 0 : palette.chosen() - rows + 1;
}

void draw_row(const ChromeContext& context, Palette& palette, std::size_t index, const Rect& row) {
  const PaletteCommand& command = *palette.found()[index];
  const bool is_chosen = index == palette.chosen();
  ImGui::SetCursorScreenPos({row.x, row.y});
  if (ImGui::InvisibleButton(command.name.c_str(), {row.w, row.h})) palette.choose(index);
  Canvas canvas(*ImGui::GetWindowDrawList(), context.canvas.fonts(), context.canvas.zoom());
  if (is_chosen || ImGui::IsItemHovered()) {
    canvas.fill(row, is_chosen ? with_alpha(context.theme.user, 110) : context.theme.line, 4);
  }
  const Rect inside{row.x + 8, row.y, row.w - 16, row.h};
  const float keys = canvas.width_of(command.keys, Face::kMono);
  canvas.text_in({inside.x, inside.y, inside.w - keys - 12, inside.h}, command.name, context.theme.text);
  canvas.text_in(inside, command.keys, context.theme.dim, Face::kMono, Align::kRight);
  context.registry().add("command " + command.name, row, is_chosen ? "chosen" : command.keys);
}

}  // namespace

void draw_palette(const ChromeContext& context, Palette& palette, const Rect& window) {
  const float zoom = context.canvas.zoom(), line = context.canvas.height_of(Face::kText) + 8;
  const float width = std::min(kWidth * zoom, window.w - 40), field = line + 4;
  const float room = std::min(window.h - 2 * kTop * zoom, 480 * zoom) - field - 3 * kMargin;
  const auto rows = std::min(static_cast<std::size_t>(std::max(room / line, 1.0F)), palette.found().size());
  const float height = field + static_cast<float>(std::max<std::size_t>(rows, 1)) * line + 3 * kMargin;
  const Rect page{window.middle_x() - width / 2, kTop * zoom, width, height};
  context.canvas.fill(window, with_alpha(context.theme.background, 150));
  ImGui::SetCursorScreenPos({page.x, page.y});
  ImGui::BeginChild("palette", {page.w, page.h}, false,
                    ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollbar);
  Canvas canvas(*ImGui::GetWindowDrawList(), context.canvas.fonts(), zoom);
  canvas.fill(page, context.theme.raised, 8);
  canvas.frame(page, context.theme.line, 1, 8);
  context.registry().add("panel palette", page, fmt::format("{} found", palette.found().size()));
  Rect rest = page.inset(kMargin);
  if (context.widgets.field("command", palette.text(), "what shall be done?", cut_top(rest, field),
                            palette.wants_focus()))
    palette.search();
  cut_top(rest, kMargin);
  if (palette.found().empty()) {
    canvas.text_in(cut_top(rest, line), "nothing is called so", context.theme.dim);
  }
  const std::size_t shown = std::min(rows, palette.found().size());  // the field may just have changed them
  for (std::size_t i = 0, from = first_row(palette, shown); i < shown; ++i) {
    draw_row(context, palette, from + i, cut_top(rest, line));
  }
  ImGui::EndChild();
}

}  // namespace stackscope::gui
