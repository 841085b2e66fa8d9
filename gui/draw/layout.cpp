#include "gui/draw/layout.hpp"

#include <algorithm>
#include <cmath>

namespace stackscope::gui {

Rect cut_left(Rect& rect, float width) {
  const Rect part{rect.x, rect.y, std::min(width, rect.w), rect.h};
  rect.x += part.w, rect.w -= part.w;
  return part;
}

Rect cut_top(Rect& rect, float height) {
  const Rect part{rect.x, rect.y, rect.w, std::min(height, rect.h)};
  rect.y += part.h, rect.h -= part.h;
  return part;
}

Rect cut_bottom(Rect& rect, float height) {
  const float cut = std::min(height, rect.h);
  rect.h -= cut;
  return {rect.x, rect.bottom(), rect.w, cut};
}

Rect cut_right(Rect& rect, float width) {
  const float cut = std::min(width, rect.w);
  rect.w -= cut;
  return {rect.right(), rect.y, cut, rect.h};
}

Grid grid(const Rect& area, std::size_t count, Extent least, Extent most, float gap) {
  Grid grid;
  grid.total = count;
  const auto across = static_cast<std::size_t>(std::max(0.0F, std::floor((area.w + gap) / (least.w + gap))));
  const auto down = static_cast<std::size_t>(std::max(0.0F, std::floor((area.h + gap) / (least.h + gap))));
  if (count == 0 || across == 0 || down == 0) return grid;
  const std::size_t cells = std::min(count, across * down);
  // As few columns as the rows allow, for wide cells read better than high ones; but no room is left at the side.
  const auto widest = static_cast<std::size_t>((area.w + gap) / (most.w + gap));
  const std::size_t columns = std::min(cells, std::max({std::size_t{1}, (cells + down - 1) / down, widest}));
  const std::size_t rows = (cells + columns - 1) / columns;
  const auto size = [gap](float whole, std::size_t parts, float at_most) {
    const auto n = static_cast<float>(parts);
    return std::min(at_most, (whole - gap * (n - 1)) / n);
  };
  const Extent cell{size(area.w, columns, most.w), size(area.h, rows, most.h)};
  for (std::size_t i = 0; i < cells; ++i) {
    const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
    grid.cells.push_back({area.x + column * (cell.w + gap), area.y + row * (cell.h + gap), cell.w, cell.h});
  }
  grid.shown = cells == count ? count : cells - 1;
  return grid;
}

}  // namespace stackscope::gui
