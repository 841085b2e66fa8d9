#include "gui/panels/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <imgui.h>
#include <map>

#include "gui/app/lanes.hpp"
#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/panels.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

constexpr std::int64_t kLeastSpan = 20;  // ns
constexpr float kMostBars = 12'000;      // in one frame, of all lanes together
constexpr int kMostCauses = 16;

std::int64_t end_of(const Recording& recording) {
  return recording.size() == 0 ? 1 : recording.at(RecordId{recording.size()}).header.at.count() + 1;
}

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

void set_span(TimelineLook& look, const Recording& recording, std::int64_t from, std::int64_t span) {
  const std::int64_t whole = end_of(recording);
  look.span = Duration::ns(std::clamp(span, std::min(kLeastSpan, whole), whole));
  look.from = Instant::ns(std::clamp<std::int64_t>(from, 0, whole - look.span.count()));
}

Colour colour_of(const Theme& theme, LaneState state) {
  const Colour colours[kLaneStates] = {theme.panel,  theme.asleep,  theme.runnable, theme.user,
                                       theme.kernel, theme.softirq, theme.hardirq,  theme.data};
  return colours[static_cast<std::size_t>(state)];
}

/// Asleep is a line, runnable a frame, everything else a bar; what is summed up is lower.
void draw_bar(const Part& part, const Rect& lane, float x, float past, LaneState state, std::size_t summed) {
  if (state == LaneState::kNone || past <= x) return;
  Canvas& canvas = part.context.canvas;
  const Colour colour = colour_of(part.context.theme, state);
  if (state == LaneState::kAsleep && summed == 0)
    return canvas.fill({x, lane.middle_y() - 1, past - x, 2}, with_alpha(colour, 150));
  const float margin = lane.h * (summed > 0 ? 0.3F : 0.14F);
  const Rect bar{x, lane.y + margin, past - x, lane.h - 2 * margin};
  if (state == LaneState::kRunnable && summed == 0) return canvas.frame(bar, colour, 1.5F);
  canvas.fill(bar, state == LaneState::kAsleep ? with_alpha(colour, 110) : colour);
  const std::string count = summed > 1 ? fmt::format("{}×", short_count(summed)) : "";
  if (bar.w > 60 && canvas.width_of(count, Face::kSmall) + 8 < bar.w &&
      bar.h > canvas.height_of(Face::kSmall) * 0.6F)
    canvas.text_in(bar, count, part.context.theme.background, Face::kSmall, Align::kCentre);
}

/// Columns that are summed up to the same state are one bar.
struct Run {
  float x = 0, past = 0;
  LaneState state{};
  std::size_t summed = 0;
};

void draw_intervals(const Part& part, const Lane& lane, const Rect& row) {
  const auto& intervals = lane.intervals();
  const float right = part.scale.area.right();
  Run run;
  const auto end_run = [&] {
    if (run.past > run.x)
      draw_bar(part, row, run.x, run.past, run.state, std::max<std::size_t>(run.summed, 1));
    run = {};
  };
  float x = std::max(part.scale.area.x, part.scale.x_of(intervals.front().begin));
  while (x < right) {
    const std::size_t i = lane.at(part.scale.at(x));
    const bool is_last = i + 1 >= intervals.size();
    const float end = i == intervals.size() ? x
                      : is_last             ? right
                                            : std::min(right, part.scale.x_of(intervals[i + 1].begin));
    if (end >= x + part.column || (end >= right && end > x)) {
      end_run();
      draw_bar(part, row, x, end, intervals[i].state, 0);
      x = end;
      continue;
    }
    const float past = std::min(right, x + part.column);
    const Lane::Summary summary = lane.over(part.scale.at(x), part.scale.at(past));
    if (run.past <= run.x || run.state != summary.longest) end_run(), run.x = x, run.state = summary.longest;
    run.past = past, run.summed += summary.begun;
    x = past;
  }
  end_run();
}

std::string lane_name(const PanelContext& context, const ObjectRef& object) {
  const HostView* const host = context.view.hosts.find(object.host);
  std::string name = text_of(object, context.document.has_wire());
  if (host == nullptr || object.kind != ObjectKind::kTask) return name;
  const TaskView* const task = host->tasks.find(TaskId{static_cast<std::uint32_t>(object.id)});
  return task == nullptr ? name : fmt::format("{}  {}", name, task_name(context, *task));
}

void draw_axis(const Part& part, const Rect& axis, float bottom) {
  const Scale& scale = part.scale;
  Canvas& canvas = part.context.canvas;
  const auto most = static_cast<std::int64_t>(std::max(1.0F, axis.w / (110 * canvas.zoom())));
  const std::int64_t tick = tick_for(Duration::ns(scale.span), most).count();
  for (std::int64_t at = (scale.from + tick - 1) / tick * tick; at <= scale.from + scale.span; at += tick) {
    const float x = scale.x_of(Instant::ns(at));
    canvas.line({x, axis.bottom() - 4}, {x, bottom}, with_alpha(part.context.theme.line, 130));
    const std::string time = exact_time(Instant::ns(at));
    if (x + 3 + canvas.width_of(time, Face::kSmall) <= axis.right())
      canvas.text({x + 3, axis.y}, time, part.context.theme.dim, Face::kSmall);
  }
  part.context.registry.add(
      "axis", axis,
      fmt::format("{} from {}", short_time(Duration::ns(scale.span)), exact_time(Instant::ns(scale.from))));
}

/// Marks with their numbers, and how long it is from each to the next.
void draw_marks(const Part& part, const Rect& line, float bottom) {
  const std::vector<Instant>& marks = part.context.look.timeline.marks;
  const Theme& theme = part.context.theme;
  Canvas& canvas = part.context.canvas;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const float x = part.scale.x_of(marks[i]);
    part.context.registry.add(fmt::format("mark {}", i + 1), {x - 4, line.y, 8, line.h},
                              exact_time(marks[i]));
    canvas.line({x, line.y}, {x, bottom}, theme.text, 1);
    canvas.text({x + 3, line.y}, fmt::format("{}", i + 1), theme.text, Face::kBold);
    if (i == 0) continue;
    const float before = part.scale.x_of(marks[i - 1]);
    const std::string gap = short_time(marks[i] - marks[i - 1]);
    const Rect place{before + 16, line.y, x - before - 20, line.h};
    canvas.text_in(place, gap, theme.dim, Face::kSmall, Align::kCentre);
    part.context.registry.add(fmt::format("gap {}", i), place, gap);
  }
}

/// From the selected record back along its causes, between the CPUs on which they happened.
void draw_causes(const Part& part, const std::map<ObjectRef, float>& rows) {
  const PanelContext& context = part.context;
  if (context.selected.kind != ObjectKind::kRecord || context.selected.id > context.recording.size()) return;
  RecordId id{context.selected.id};
  const auto place_of = [&](const RawRecord& record) -> std::optional<Point> {
    const Place place = record.header.place;
    const auto row = rows.find(ObjectRef::cpu(place.host, place.cpu));
    if (place.cpu == Place::kNoCpu || row == rows.end()) return std::nullopt;
    return Point{part.scale.x_of(record.header.at), row->second};
  };
  for (int i = 0; i < kMostCauses; ++i) {
    const RawRecord record = context.recording.at(id);
    if (!record.header.cause) return;
    const RawRecord cause = context.recording.at(record.header.cause);
    const auto from = place_of(cause), to = place_of(record);
    if (from && to) {
      context.canvas.curve(*from, *to, context.theme.changed, 1.5F);
      context.canvas.arrow(*to, false, context.theme.changed);
      context.registry.add(fmt::format("cause {}", i + 1), {from->x - 3, from->y - 3, 6, 6},
                           context.recording.text(cause));
    }
    id = record.header.cause;
  }
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

struct Chosen {
  std::vector<const std::pair<const ObjectRef, Lane>*> lanes;
  std::size_t matching = 0;
};

/// As many as there is room for, from where the list was scrolled to, of those whose name holds the filter.
Chosen choose(const PanelContext& context, std::size_t room) {
  TimelineLook& look = context.look.timeline;
  Chosen chosen;
  const auto offset = static_cast<std::size_t>(std::max<std::int64_t>(look.offset, 0));
  for (const auto& lane : context.lanes.all()) {
    if (!look.filter.empty() && lane_name(context, lane.first).find(look.filter) == std::string::npos)
      continue;
    if (chosen.matching++ >= offset && chosen.lanes.size() < room) chosen.lanes.push_back(&lane);
  }
  const auto most = static_cast<std::int64_t>(chosen.matching - std::min(chosen.matching, room));
  look.offset = std::clamp<std::int64_t>(look.offset, 0, most);
  return chosen;
}

void draw_lane(const Part& part, const ObjectRef& object, const Lane& lane, const Rect& row,
               const Rect& name) {
  const PanelContext& context = part.context;
  const std::string label = lane_name(context, object);
  const bool is_selected = context.selected == object;
  if (is_selected)
    context.canvas.fill({name.x, row.y, row.right() - name.x, row.h}, with_alpha(context.theme.selected, 26));
  context.canvas.text_in(name, label, is_selected ? context.theme.text : context.theme.dim, Face::kSmall);
  context.canvas.clip(row);
  draw_intervals(part, lane, row);
  context.canvas.unclip();
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool is_hovered = row.contains(mouse.x, mouse.y);
  const std::size_t at = lane.at(is_hovered ? part.scale.at(mouse.x) : context.now());
  const std::string state(at == lane.intervals().size() ? "" : name_of(lane.intervals()[at].state));
  context.registry.add(fmt::format("lane {}", text_of(object, context.document.has_wire())), row, state);
  context.registry.add(object, {name.x, row.y, row.right() - name.x, row.h}, state);
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
  if (context.widgets.field("lanes", look.filter, "part of a lane's name", cut_left(top, 240 * zoom)))
    look.offset = 0;
  Rect axis = cut_top(rest, 18 * zoom), marks = cut_top(rest, 18 * zoom);
  cut_left(axis, names), cut_left(marks, names);
  Rect left = cut_left(rest, names);
  const ImGuiIO& io = ImGui::GetIO();
  if (left.contains(io.MousePos.x, io.MousePos.y))
    look.offset -= static_cast<std::int64_t>(io.MouseWheel * 3);
  const auto room = static_cast<std::size_t>(std::max(1.0F, rest.h / height));
  const Chosen chosen = choose(context, room);
  const float column = std::max(1.0F, rest.w * static_cast<float>(chosen.lanes.size()) / kMostBars);
  const Part part{context, {rest, look.from.count(), look.span.count()}, column};
  context.registry.add("lanes", rest, fmt::format("{} of {}", chosen.lanes.size(), chosen.matching));
  const std::string count = context.lanes.is_whole()
                                ? fmt::format("{} of {} lanes", chosen.lanes.size(), grouped(chosen.matching))
                                : fmt::format("reading… record {}", grouped(context.lanes.position().value));
  canvas.text_in(top, count, context.theme.dim, Face::kSmall, Align::kRight);
  draw_axis(part, axis, rest.bottom());
  std::map<ObjectRef, float> rows;
  for (const auto* lane : chosen.lanes) {
    const Rect row = cut_top(rest, height);
    rows[lane->first] = row.middle_y();
    draw_lane(part, lane->first, lane->second, row, {left.x, row.y, left.w - 6, row.h});
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
