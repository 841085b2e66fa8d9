#include "gui/draw/widgets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

namespace stackscope::gui {
namespace {

ImVec4 vec(Colour colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

}  // namespace

Rect last_item() {
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  return {from.x, from.y, to.x - from.x, to.y - from.y};
}

void Widgets::place(float x, float y) const { ImGui::SetCursorScreenPos({x, y}); }

bool Widgets::button(std::string_view name, std::string_view label, const Rect& rect, bool is_on) const {
  place(rect.x, rect.y);
  const std::string id = fmt::format("{}##{}", label, name);
  ImGui::PushStyleColor(ImGuiCol_Button, vec(is_on ? with_alpha(theme_.user, 110) : theme_.raised));
  const bool is_pressed = ImGui::Button(id.c_str(), {rect.w, rect.h});
  ImGui::PopStyleColor();
  registry_.add(fmt::format("button {}", name), last_item(), std::string(label));
  return is_pressed;
}

float Widgets::tabs(std::span<const std::string_view> names, std::size_t& chosen, const Rect& rect) const {
  const float height = 26 * zoom_;
  float x = rect.x, texts = 0;
  for (const std::string_view name : names) texts += ImGui::CalcTextSize(std::string(name).c_str()).x + 2;
  // Where there are many for a narrow side, they move together.
  const float spare = (rect.w - texts) / static_cast<float>(std::max<std::size_t>(names.size(), 1));
  const float margins = std::clamp(spare, 6 * zoom_, 20 * zoom_);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {2, 4});
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string label(names[i]);
    const float width = ImGui::CalcTextSize(label.c_str()).x + margins;
    place(x, rect.y);
    ImGui::PushStyleColor(ImGuiCol_Button, vec(i == chosen ? theme_.panel : with_alpha(theme_.panel, 0)));
    ImGui::PushStyleColor(ImGuiCol_Text, vec(i == chosen ? theme_.text : theme_.dim));
    if (ImGui::Button(fmt::format("{}##tab", label).c_str(), {width, height})) chosen = i;
    ImGui::PopStyleColor(2);
    const Rect item = last_item();
    if (i == chosen) {
      ImGui::GetWindowDrawList()->AddRectFilled({item.x + 4, item.bottom() - 2},
                                                {item.right() - 4, item.bottom()}, theme_.user);
    }
    registry_.add(fmt::format("tab {}", label), item, i == chosen ? "chosen" : "");
    x += width + 2;
  }
  ImGui::PopStyleVar();
  return height + 2;
}

bool Widgets::field(std::string_view name, std::string& text, std::string_view hint, const Rect& rect,
                    bool focus) const {
  place(rect.x, rect.y);
  ImGui::SetNextItemWidth(rect.w);
  if (focus) ImGui::SetKeyboardFocusHere();
  const std::string id = fmt::format("##{}", name);
  const bool is_changed = ImGui::InputTextWithHint(id.c_str(), std::string(hint).c_str(), &text);
  registry_.add(fmt::format("field {}", name), last_item(), text);
  return is_changed;
}

Rect Widgets::words(std::string_view text, Colour colour) const {
  ImGui::PushStyleColor(ImGuiCol_Text, vec(colour));
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.data(), text.data() + text.size());
  ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
  return last_item();
}

namespace {

/// As much of a button's label as there is room for.
std::string shortened(const std::string& label) {
  const float room = ImGui::GetContentRegionAvail().x - 2 * ImGui::GetStyle().FramePadding.x;
  if (ImGui::CalcTextSize(label.c_str()).x <= room) return label;
  std::string less = label;
  while (!less.empty() && ImGui::CalcTextSize((less + "…").c_str()).x > room) {
    while (!less.empty() && (static_cast<unsigned char>(less.back()) & 0xc0U) == 0x80U) less.pop_back();
    if (!less.empty()) less.pop_back();
  }
  return less + "…";
}

}  // namespace

bool Widgets::inline_button(const std::string& name, const std::string& label, bool is_on) const {
  ImGui::PushStyleColor(ImGuiCol_Button, vec(is_on ? with_alpha(theme_.user, 110) : theme_.raised));
  const bool is_pressed = ImGui::Button(fmt::format("{}##{}", shortened(label), name).c_str());
  ImGui::PopStyleColor();
  registry_.add(name, last_item(), is_on ? "chosen" : label);
  return is_pressed;
}

bool Widgets::choice(const std::string& name, const std::string& label, std::optional<bool> is_chosen) const {
  const float margin = 8 * zoom_, radius = is_chosen ? 5 * zoom_ : 0,
              sign = is_chosen ? 2 * radius + margin : 0;
  const float width = ImGui::GetContentRegionAvail().x, room = width - 2 * margin - sign;
  const float height = ImGui::CalcTextSize(label.c_str(), nullptr, false, room).y;
  const bool is_pressed = ImGui::InvisibleButton(name.c_str(), {width, height + margin});
  const Rect rect = last_item();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool is_on = is_chosen.value_or(false);
  const Colour back = is_on                    ? with_alpha(theme_.user, 110)
                      : ImGui::IsItemHovered() ? theme_.line
                                               : theme_.raised;
  list.AddRectFilled({rect.x, rect.y}, {rect.right(), rect.bottom()}, back, 4);
  float left = margin + sign;
  if (is_chosen) {
    const ImVec2 centre{rect.x + margin + radius, rect.middle_y()};
    list.AddCircle(centre, radius, theme_.text, 20, 1.5F);
    if (is_on) list.AddCircleFilled(centre, radius * 0.55F, theme_.text, 20);
  }
  if (!is_chosen) {
    list.AddRect({rect.x, rect.y}, {rect.right(), rect.bottom()}, theme_.user, 4);
    left = std::max(margin, (width - ImGui::CalcTextSize(label.c_str()).x) / 2);
  }
  list.AddText(ImGui::GetFont(), ImGui::GetFontSize(), {rect.x + left, rect.y + margin / 2}, theme_.text,
               label.c_str(), nullptr, room);
  registry_.add(name, rect, is_on ? label + " (chosen)" : label);
  return is_pressed;
}

void Widgets::begin_scroll(std::string_view name, const Rect& rect) const {
  place(rect.x, rect.y);
  ImGui::BeginChild(std::string(name).c_str(), {rect.w, rect.h}, false, ImGuiWindowFlags_NoNav);
  registry_.add(fmt::format("panel {}", name), rect);
  registry_.begin_scroll(rect);
}

void Widgets::end_scroll() const {
  registry_.end_scroll();
  ImGui::EndChild();
}

void apply_style(const Theme& theme) {
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowPadding = {0, 0}, style.WindowBorderSize = 0, style.WindowRounding = 0;
  style.FrameRounding = 4, style.FramePadding = {8, 4}, style.ScrollbarSize = 10, style.ItemSpacing = {6, 4};
  style.PopupRounding = 6, style.ScrollbarRounding = 5;
  style.AntiAliasedLinesUseTex = false;
  auto* colours = style.Colors;
  colours[ImGuiCol_WindowBg] = vec(theme.background),
  colours[ImGuiCol_ChildBg] = vec(with_alpha(theme.panel, 0));
  colours[ImGuiCol_PopupBg] = vec(theme.raised), colours[ImGuiCol_Text] = vec(theme.text);
  colours[ImGuiCol_TextDisabled] = vec(theme.faint), colours[ImGuiCol_Border] = vec(theme.line);
  colours[ImGuiCol_FrameBg] = vec(theme.raised), colours[ImGuiCol_FrameBgHovered] = vec(theme.raised);
  colours[ImGuiCol_FrameBgActive] = vec(theme.raised), colours[ImGuiCol_Button] = vec(theme.raised);
  colours[ImGuiCol_ButtonHovered] = vec(theme.line), colours[ImGuiCol_ButtonActive] = vec(theme.line);
  colours[ImGuiCol_ScrollbarBg] = vec(with_alpha(theme.panel, 0)),
  colours[ImGuiCol_ScrollbarGrab] = vec(theme.line);
  colours[ImGuiCol_ScrollbarGrabHovered] = vec(theme.faint),
  colours[ImGuiCol_ScrollbarGrabActive] = vec(theme.faint);
  colours[ImGuiCol_TextSelectedBg] = vec(with_alpha(theme.user, 120)),
  colours[ImGuiCol_SliderGrab] = vec(theme.user);
  colours[ImGuiCol_CheckMark] = vec(theme.user);
}

}  // namespace stackscope::gui
