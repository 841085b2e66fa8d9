#include "gui/draw/widgets.hpp"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

namespace stackscope::gui {
namespace {

ImVec4 vec(Colour colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

Rect last_item() {
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  return {from.x, from.y, to.x - from.x, to.y - from.y};
}

}  // namespace

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
  float x = rect.x;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string label(names[i]);
    const float width = ImGui::CalcTextSize(label.c_str()).x + 20 * zoom_;
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

void Widgets::begin_scroll(std::string_view name, const Rect& rect) const {
  place(rect.x, rect.y);
  ImGui::BeginChild(std::string(name).c_str(), {rect.w, rect.h}, false, ImGuiWindowFlags_NoNav);
  registry_.add(fmt::format("panel {}", name), rect);
}

void Widgets::end_scroll() const { ImGui::EndChild(); }

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
