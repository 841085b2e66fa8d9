#pragma once
// Dividing a place.

#include <cstddef>
#include <vector>

#include "gui/draw/registry.hpp"

namespace stackscope::gui {

/// The left (upper) part of so many pixels, and what is left of `rect`.
Rect cut_left(Rect& rect, float width);
Rect cut_top(Rect& rect, float height);
Rect cut_bottom(Rect& rect, float height);
Rect cut_right(Rect& rect, float width);

/// Cells for `count` things, row by row, none smaller than `least` and none wider or higher than `most`. Where not all fit,
/// `cells` holds as many as do, the last of which is to stand for the rest.
struct Grid {
  std::vector<Rect> cells;
  std::size_t shown = 0;  // things with a cell of their own
  std::size_t rest() const { return total - shown; }
  std::size_t total = 0;
};
struct Extent {
  float w, h;
};
Grid grid(const Rect& area, std::size_t count, Extent least, Extent most, float gap);

}  // namespace stackscope::gui
