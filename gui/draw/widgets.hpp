#pragma once
// The few controls there are: each is Dear ImGui's, looks like ours, and stands in the registry under its name.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gui/draw/registry.hpp"
#include "gui/draw/theme.hpp"

namespace stackscope::gui {

class Widgets {
 public:
  Widgets(Registry& registry, const Theme& theme, float zoom)
      : registry_(registry), theme_(theme), zoom_(zoom) {}

  /// Where the next widget begins.
  void place(float x, float y) const;
  /// "button NAME". Fits its label where `rect` has no width.
  bool button(std::string_view name, std::string_view label, const Rect& rect, bool is_on = false) const;
  /// "tab NAME" each; changes `chosen`. Returns the height taken.
  float tabs(std::span<const std::string_view> names, std::size_t& chosen, const Rect& rect) const;
  /// "field NAME". Returns true where the text changed.
  bool field(std::string_view name, std::string& text, std::string_view hint, const Rect& rect,
             bool focus = false) const;
  /// Text over as many lines as it needs, where ImGui's layout stands. Returns its place.
  Rect words(std::string_view text, Colour colour) const;
  /// A button in that layout, under the name itself.
  bool inline_button(const std::string& name, const std::string& label, bool is_on = false) const;
  /// One of several answers, under the name itself, as wide as there is room; a long label takes several lines. Without
  /// `is_chosen` it is a plain button.
  bool choice(const std::string& name, const std::string& label, std::optional<bool> is_chosen) const;
  /// A place that scrolls, "panel NAME": between begin and end ImGui's own layout rules.
  void begin_scroll(std::string_view name, const Rect& rect) const;
  void end_scroll() const;

  float zoom() const { return zoom_; }
  Registry& registry() const { return registry_; }

 private:
  Registry& registry_;
  const Theme& theme_;
  float zoom_;
};

/// The place of what ImGui laid out last.
Rect last_item();

/// Dear ImGui's own colours and sizes, from ours.
void apply_style(const Theme& theme);

}  // namespace stackscope::gui
