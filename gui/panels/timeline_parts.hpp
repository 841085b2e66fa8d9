#pragma once
// The parts of the timeline panel: its lines, and what lies over them.

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gui/app/lanes.hpp"
#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// Times to pixels and back.
struct Scale {
  Rect area;
  std::int64_t from, span;
  float x_of(Instant at) const {
    const double share = static_cast<double>(at.count() - from) / static_cast<double>(span);
    return area.x + static_cast<float>(std::clamp(share, -1.0, 2.0)) * area.w;
  }
  Instant at(float x) const {
    const double share = static_cast<double>((x - area.x) / area.w);
    return Instant::ns(from + static_cast<std::int64_t>(std::floor(share * static_cast<double>(span))));
  }
};

struct Part {
  const PanelContext& context;
  Scale scale;
  float column;  // what is narrower is summed up
};

/// The middle of each lane that is shown.
using Rows = std::map<ObjectRef, float>;

/// A line of the list: a lane, or the heading of a group of them.
struct Line {
  const std::pair<const ObjectRef, Lane>* lane = nullptr;
  ObjectKind group{};
  std::size_t lanes = 0;  // in the group
};

/// Those lanes whose name holds the filter, each group under its heading; of a folded one the heading alone.
std::vector<Line> lines_of(const PanelContext& context);
/// A click on a heading folds the group or unfolds it.
void draw_heading(const Part& part, const Line& line, const Rect& name);
void draw_lane(const Part& part, const ObjectRef& object, const Lane& lane, const Rect& row,
               const Rect& name);
/// How many lanes there are, and what a search has found.
void draw_counts(const Part& part, std::span<const Line> shown, const std::vector<Line>& lines,
                 const Rect& area, const Rect& top);

void draw_axis(const Part& part, const Rect& axis, float bottom);
/// Marks with their numbers, and how long it is from each to the next.
void draw_marks(const Part& part, const Rect& line, float bottom);
/// Where the records are that were found: a stroke each, those of one pixel one.
void draw_found(const Part& part, const Rect& line);
/// From the selected record back along its causes, and on to what it caused, between the CPUs on which they happened.
void draw_causes(const Part& part, const Rows& rows);

}  // namespace stackscope::gui
