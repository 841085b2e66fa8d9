#include "gui/draw/canvas.hpp"

#include <array>
#include <cmath>
#include <imgui.h>

namespace stackscope::gui {
namespace {

ImVec2 vec(Point point) { return {point.x, point.y}; }

std::size_t whole_characters(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U)
    --bytes;
  return bytes;
}

}  // namespace

void Canvas::fill(const Rect& rect, Colour colour, float rounding) {
  if (rect.empty()) return;
  ++primitives_;
  list_.AddRectFilled({rect.x, rect.y}, {rect.right(), rect.bottom()}, colour, rounding);
}

void Canvas::frame(const Rect& rect, Colour colour, float width, float rounding) {
  if (rect.empty()) return;
  ++primitives_;
  list_.AddRect({rect.x, rect.y}, {rect.right(), rect.bottom()}, colour, rounding, 0, width);
}

void Canvas::line(Point from, Point to, Colour colour, float width) {
  ++primitives_;
  list_.AddLine(vec(from), vec(to), colour, width);
}

void Canvas::curve(Point from, Point to, Colour colour, float width) {
  ++primitives_;
  const float bend = std::max(18.0F, std::abs(to.x - from.x) / 2);
  list_.AddBezierCubic(vec(from), {from.x + bend, from.y}, {to.x - bend, to.y}, vec(to), colour, width, 20);
}

void Canvas::drop(Point from, Point to, Colour colour, float width) {
  ++primitives_;
  const float bend = std::max(14.0F, std::abs(to.y - from.y) / 2);
  const float way = to.y >= from.y ? 1.0F : -1.0F;
  list_.AddBezierCubic(vec(from), {from.x, from.y + way * bend}, {to.x, to.y - way * bend}, vec(to), colour,
                       width, 20);
}

void Canvas::arrow(Point tip, bool is_down, Colour colour, float size) {
  ++primitives_;
  const float wing = size * 0.7F;
  if (is_down) {
    list_.AddTriangleFilled(vec(tip), {tip.x - wing, tip.y - size}, {tip.x + wing, tip.y - size}, colour);
  } else {
    list_.AddTriangleFilled(vec(tip), {tip.x - size, tip.y - wing}, {tip.x - size, tip.y + wing}, colour);
  }
}

void Canvas::circle(Point centre, float radius, Colour colour, bool is_filled, float width) {
  ++primitives_;
  if (is_filled) {
    list_.AddCircleFilled(vec(centre), radius, colour, 20);
  } else {
    list_.AddCircle(vec(centre), radius, colour, 20, width);
  }
}

void Canvas::diamond(Point centre, float radius, Colour colour, bool is_filled) {
  ++primitives_;
  const ImVec2 top{centre.x, centre.y - radius}, right{centre.x + radius, centre.y};
  const ImVec2 bottom{centre.x, centre.y + radius}, left{centre.x - radius, centre.y};
  if (is_filled) {
    list_.AddQuadFilled(top, right, bottom, left, colour);
  } else {
    list_.AddQuad(top, right, bottom, left, colour);
  }
}

void Canvas::hexagon(Point centre, float radius, Colour colour, bool is_filled, float width) {
  ++primitives_;
  if (is_filled) {
    list_.AddNgonFilled(vec(centre), radius, colour, 6);
  } else {
    list_.AddNgon(vec(centre), radius, colour, 6, width);
  }
}

ImFont* Canvas::font(Face face) const {
  switch (face) {
    case Face::kText:
      return fonts_.text;
    case Face::kBold:
      return fonts_.bold;
    case Face::kMono:
      return fonts_.mono;
    case Face::kSmall:
      return fonts_.small;
  }
  return fonts_.text;
}

float Canvas::height_of(Face face) const {
  const float size = face == Face::kMono ? 13.0F : face == Face::kSmall ? 12.0F : 15.0F;
  return size * zoom_;
}

float Canvas::width_of(std::string_view text, Face face) const {
  if (text.empty()) return 0;
  return font(face)->CalcTextSizeA(height_of(face), 1e9F, 0, text.data(), text.data() + text.size()).x;
}

std::string Canvas::shortened(std::string_view text, Face face, float most) const {
  constexpr std::string_view kEllipsis = "…";
  std::size_t low = 0, high = text.size();
  while (low < high) {
    const std::size_t middle = (low + high + 1) / 2;
    const std::string tried =
        std::string(text.substr(0, whole_characters(text, middle))) + std::string(kEllipsis);
    if (width_of(tried, face) <= most) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low == 0 ? std::string()
                  : std::string(text.substr(0, whole_characters(text, low))) + std::string(kEllipsis);
}

float Canvas::text(Point at, std::string_view text, Colour colour, Face face, float most) {
  if (text.empty() || most <= 0) return 0;
  const float width = width_of(text, face);
  if (width > most + 0.5F) {
    const std::string shorter = shortened(text, face, most);
    return shorter.empty() ? 0 : this->text(at, shorter, colour, face);
  }
  ++primitives_;
  list_.AddText(font(face), height_of(face), {std::floor(at.x), std::floor(at.y)}, colour, text.data(),
                text.data() + text.size());
  return width;
}

float Canvas::text_in(const Rect& rect, std::string_view text, Colour colour, Face face, Align align) {
  const float width = std::min(width_of(text, face), rect.w);
  const float spare = rect.w - width;
  const float x = rect.x + (align == Align::kLeft ? 0 : align == Align::kCentre ? spare / 2 : spare);
  return this->text({x, rect.middle_y() - height_of(face) / 2}, text, colour, face, rect.w);
}

void Canvas::clip(const Rect& rect) {
  list_.PushClipRect({rect.x, rect.y}, {rect.right(), rect.bottom()}, true);
}
void Canvas::unclip() { list_.PopClipRect(); }

}  // namespace stackscope::gui
