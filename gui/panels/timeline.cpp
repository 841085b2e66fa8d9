#include "gui/panels/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <imgui.h>
#include <span>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/panels.hpp"
#include "gui/panels/timeline_parts.hpp"

namespace stackscope::gui {
namespace {

constexpr std::int64_t kLeastSpan = 20;  // ns
constexpr float kMostBars = 12'000;      // in one frame, of all lanes together

std::int64_t end_of(const Recording& recording) {
  return recording.size() == 0 ? 1 : recording.at(RecordId{recording.size()}).header.at.count() + 1;
}

void set_span(TimelineLook& look, const Recording& recording, std::int64_t from, std::int64_t span) {
  const std::int64_t whole = end_of(recording);
  look.span = Duration::ns(std::clamp(span, std::min(kLeastSpan, whole), whole));
  look.from = Instant::ns(std::clamp<std::int64_t>(from, 0, whole - look.span.count()));
}

/// The moment is kept in sight where it moves; what a person zoomed to stays where it does not.
void follow(TimelineLook& look, const Recording& recording, Instant now) {
  if (look.span.count() == 0) set_span(look, recording, 0, end_of(recording));
  if (look.followed == now) return;
  look.followed = now;
  const bool is_inside = now >= look.from && now < look.from + look.span;
  if (!is_inside) set_span(look, recording, now.count() - look.span.count() / 2, look.span.count());
}

/// The mouse over the lanes: zooms, pans; a click that did not move is a time to go to.
std::optional<Instant> steer(const PanelContext& context, const Scale& scale) {
  const ImGuiIO& io = ImGui::GetIO();
  TimelineLook& look = context.look.timeline;
  const Rect& area = scale.area;
  if (context.look.shows_help) return std::nullopt;
  if (area.contains(io.MousePos.x, io.MousePos.y) && io.MouseWheel != 0)
    zoom_timeline(look, context.recording, scale.at(io.MousePos.x),
                  std::pow(0.8, static_cast<double>(io.MouseWheel)));
  if (!area.contains(io.MouseClickedPos[0].x, io.MouseClickedPos[0].y)) return std::nullopt;
  const bool is_dragged = io.MouseDragMaxDistanceSqr[0] > 16;
  if (ImGui::IsMouseDown(0) && is_dragged)
    pan_timeline(look, context.recording, static_cast<double>(-io.MouseDelta.x / area.w));
  if (ImGui::IsMouseReleased(0) && !is_dragged) return scale.at(io.MousePos.x);
  return std::nullopt;
}

}  // namespace

std::size_t timeline_panel() {
  const auto panels = centre_panels();
  const auto found =
      std::find_if(panels.begin(), panels.end(), [](const Panel& panel) { return panel.name == "timeline"; });
  return static_cast<std::size_t>(found - panels.begin());
}

Duration tick_for(Duration span, std::int64_t most) {
  std::int64_t ten = 1;
  while (true) {
    for (const std::int64_t digit : {1, 2, 5}) {
      if (span.count() <= most * digit * ten) return Duration::ns(digit * ten);
    }
    ten *= 10;
  }
}

void zoom_timeline(TimelineLook& look, const Recording& recording, Instant around, double factor) {
  const std::int64_t was = look.span.count();
  const auto span = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(was) * factor));
  const double share =
      was == 0 ? 0 : static_cast<double>((around - look.from).count()) / static_cast<double>(was);
  const auto before = static_cast<std::int64_t>(std::clamp(share, 0.0, 1.0) *
                                                static_cast<double>(std::max(span, kLeastSpan)));
  set_span(look, recording, around.count() - before, span);
}

void pan_timeline(TimelineLook& look, const Recording& recording, double share) {
  const auto moved = static_cast<std::int64_t>(share * static_cast<double>(look.span.count()));
  set_span(look, recording, look.from.count() + moved, look.span.count());
}

void toggle_mark(TimelineLook& look, Instant at) {
  const auto place = std::lower_bound(look.marks.begin(), look.marks.end(), at);
  if (place != look.marks.end() && *place == at) {
    look.marks.erase(place);
  } else {
    look.marks.insert(place, at);
  }
}

Wish draw_timeline(const PanelContext& context, const Rect& area) {
  Canvas& canvas = context.canvas;
  TimelineLook& look = context.look.timeline;
  const float zoom = canvas.zoom(), height = 20 * zoom, names = 150 * zoom;
  canvas.fill(area, context.theme.panel, 5);
  follow(look, context.recording, context.now());
  Rect rest = area.inset(8);
  Rect top = cut_top(rest, 28 * zoom);
  const float field_width = std::min(240 * zoom, top.w * 0.33F);
  if (context.widgets.field("lanes", look.filter, "part of a lane's name", cut_left(top, field_width)))
    look.offset = 0;
  cut_left(top, 8);
  context.widgets.field("search", look.wanted, "search in all records", cut_left(top, field_width));
  Rect axis = cut_top(rest, 18 * zoom), marks = cut_top(rest, 18 * zoom);
  cut_left(axis, names), cut_left(marks, names);
  Rect left = cut_left(rest, names);
  const ImGuiIO& io = ImGui::GetIO();
  if (left.contains(io.MousePos.x, io.MousePos.y))
    look.offset -= static_cast<std::int64_t>(io.MouseWheel * 3);
  const auto room = static_cast<std::size_t>(std::max(1.0F, rest.h / height));
  const std::vector<Line> lines = lines_of(context);
  look.offset = std::clamp<std::int64_t>(
      look.offset, 0, static_cast<std::int64_t>(lines.size() - std::min(lines.size(), room)));
  const auto first = static_cast<std::size_t>(look.offset);
  const std::span<const Line> shown = std::span(lines).subspan(first, std::min(room, lines.size() - first));
  const float column = std::max(1.0F, rest.w * static_cast<float>(shown.size()) / kMostBars);
  const Part part{context, {rest, look.from.count(), look.span.count()}, column};
  draw_counts(part, shown, lines, rest, top);
  draw_axis(part, axis, rest.bottom());
  draw_found(part, marks);
  Rows rows;
  for (const Line& line : shown) {
    const Rect row = cut_top(rest, height), name{left.x, row.y, left.w - 6, row.h};
    if (line.lane == nullptr) {
      draw_heading(part, line, name);
    } else {
      rows[line.lane->first] = row.middle_y();
      draw_lane(part, line.lane->first, line.lane->second, row, {name.x + 8, name.y, name.w - 8, name.h});
    }
  }
  const float now = part.scale.x_of(context.now());
  canvas.clip({axis.x, area.y, axis.w, area.h});
  draw_marks(part, marks, area.bottom() - 8);
  draw_causes(part, rows);
  canvas.line({now, axis.bottom()}, {now, area.bottom() - 8}, context.theme.changed, 2);
  canvas.unclip();
  context.registry.add("cursor", {now - 3, axis.y, 6, axis.h}, exact_time(context.now()));
  Wish wish;
  if (const std::optional<Instant> clicked = steer(context, part.scale))
    wish.go_to = RecordId{context.recording.first_at(*clicked + Duration::ns(1)).value - 1};
  return wish;
}

}  // namespace stackscope::gui
