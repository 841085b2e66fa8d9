#include "gui/draw/layout.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

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

namespace {

/// Where there is hardly room for any, the rest is a strip at the foot, and not a cell.
std::optional<Grid> with_strip(Rect area, std::size_t count, Extent least, Extent most, float gap) {
  const Rect strip = cut_bottom(area, least.h * 0.4F);
  cut_bottom(area, gap);
  if (area.h < least.h || area.w < least.w) return std::nullopt;
  const auto across = static_cast<std::size_t>((area.w + gap) / (least.w + gap));
  Grid upper = grid(area, across, least, most, gap);
  upper.cells.push_back(strip);
  upper.total = count;
  return upper;
}

}  // namespace

Grid grid(const Rect& area, std::size_t count, Extent least, Extent most, float gap) {
  Grid grid;
  grid.total = count;
  const auto across = static_cast<std::size_t>(std::max(0.0F, std::floor((area.w + gap) / (least.w + gap))));
  const auto down = static_cast<std::size_t>(std::max(0.0F, std::floor((area.h + gap) / (least.h + gap))));
  if (count == 0 || across == 0 || down == 0) return grid;
  if (down == 1 && across <= 2 && count > across) {
    if (const auto small = with_strip(area, count, least, most, gap)) return *small;
  }
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
    const std::size_t column = i % columns, row = i / columns;
    grid.cells.push_back({area.x + static_cast<float>(column) * (cell.w + gap),
                          area.y + static_cast<float>(row) * (cell.h + gap), cell.w, cell.h});
  }
  grid.shown = cells == count ? count : cells - 1;
  return grid;
}

}  // namespace stackscope::gui
