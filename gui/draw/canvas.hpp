#pragma once
// Drawing: rectangles, lines, texts, curves and the few shapes that carry meaning, in logical pixels. A thin layer over
// ImDrawList, so that pictures of another kind can follow; it counts what it draws.

#include <string>
#include <string_view>

#include "gui/draw/registry.hpp"
#include "gui/draw/theme.hpp"

struct ImDrawList;
struct ImFont;

namespace stackscope::gui {

struct Point {
  float x = 0, y = 0;
};

/// Inter for words, JetBrains Mono for numbers and names of the kernel.
struct Fonts {
  ImFont* text = nullptr;   // 15 px
  ImFont* bold = nullptr;   // 15 px
  ImFont* mono = nullptr;   // 13 px
  ImFont* small = nullptr;  // 12 px, words
};
enum class Face : std::uint8_t { kText, kBold, kMono, kSmall };
enum class Align : std::uint8_t { kLeft, kCentre, kRight };

class Canvas {
 public:
  /// `zoom` enlarges type: 1, or 1.6 for a presentation.
  Canvas(ImDrawList& list, const Fonts& fonts, float zoom) : list_(list), fonts_(fonts), zoom_(zoom) {}

  void fill(const Rect& rect, Colour colour, float rounding = 0);
  void frame(const Rect& rect, Colour colour, float width = 1, float rounding = 0);
  void line(Point from, Point to, Colour colour, float width = 1);
  /// From one point to another, leaving and arriving level.
  void curve(Point from, Point to, Colour colour, float width = 1);
  /// The same, leaving and arriving upright.
  void drop(Point from, Point to, Colour colour, float width = 1);
  /// A small triangle that points to the right, or down.
  void arrow(Point tip, bool is_down, Colour colour, float size = 5);
  void circle(Point centre, float radius, Colour colour, bool is_filled = true, float width = 1);
  void diamond(Point centre, float radius, Colour colour, bool is_filled = true);
  void hexagon(Point centre, float radius, Colour colour, bool is_filled = true, float width = 1);

  /// Draws what fits, with an ellipsis where something does not; returns the width drawn.
  float text(Point at, std::string_view text, Colour colour, Face face = Face::kText, float most = 1e9F);
  float text_in(const Rect& rect, std::string_view text, Colour colour, Face face = Face::kText,
                Align align = Align::kLeft);
  float width_of(std::string_view text, Face face = Face::kText) const;
  float height_of(Face face) const;
  float zoom() const { return zoom_; }
  const Fonts& fonts() const { return fonts_; }

  void clip(const Rect& rect);
  void unclip();

  std::size_t primitives() const { return primitives_; }

 private:
  ImFont* font(Face face) const;
  std::string shortened(std::string_view text, Face face, float most) const;

  ImDrawList& list_;
  const Fonts& fonts_;
  float zoom_;
  std::size_t primitives_ = 0;
};

}  // namespace stackscope::gui
