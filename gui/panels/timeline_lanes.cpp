// The lanes of the timeline, in groups that fold.

#include <fmt/format.h>
#include <imgui.h>

#include "gui/draw/units.hpp"
#include "gui/panels/timeline_parts.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

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

std::string_view name_of_group(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kCpu:
      return "CPUs";
    case ObjectKind::kTask:
      return "threads";
    case ObjectKind::kEpoll:
      return "epoll instances";
    default:
      return "sockets";
  }
}

}  // namespace

std::vector<Line> lines_of(const PanelContext& context) {
  const TimelineLook& look = context.look.timeline;
  std::vector<Line> lines;
  std::size_t heading = 0;
  for (const auto& lane : context.lanes.all()) {
    if (!look.filter.empty() && lane_name(context, lane.first).find(look.filter) == std::string::npos)
      continue;
    if (lines.empty() || lines[heading].group != lane.first.kind) {
      heading = lines.size();
      lines.push_back({nullptr, lane.first.kind, 0});
    }
    ++lines[heading].lanes;
    if (!look.folded.contains(lane.first.kind)) lines.push_back({&lane, lane.first.kind, 0});
  }
  return lines;
}

void draw_heading(const Part& part, const Line& line, const Rect& name) {
  const PanelContext& context = part.context;
  std::set<ObjectKind>& folded = context.look.timeline.folded;
  const bool is_folded = folded.contains(line.group);
  const std::string_view group = name_of_group(line.group);
  const Colour colour = context.theme.text;
  const Point tip = is_folded ? Point{name.x + 8, name.middle_y()} : Point{name.x + 6, name.middle_y() + 3};
  context.canvas.arrow(tip, !is_folded, colour);
  context.canvas.text_in({name.x + 14, name.y, name.w - 14, name.h},
                         fmt::format("{}  {}", group, grouped(line.lanes)), colour, Face::kSmall);
  context.registry.add(fmt::format("group {}", group), name, is_folded ? "folded" : "open");
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (!ImGui::IsMouseClicked(0) || !name.contains(mouse.x, mouse.y) || context.look.shows_help) return;
  if (is_folded) {
    folded.erase(line.group);
  } else {
    folded.insert(line.group);
  }
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

void draw_counts(const Part& part, std::span<const Line> shown, const std::vector<Line>& lines,
                 const Rect& area, const Rect& top) {
  const PanelContext& context = part.context;
  const auto is_lane = [](const Line& line) { return line.lane != nullptr; };
  const auto in_sight = std::ranges::count_if(shown, is_lane);
  std::size_t matching = 0;
  for (const Line& line : lines) matching += line.lanes;
  context.registry.add("lanes", area, fmt::format("{} of {}", in_sight, matching));
  std::string text = context.lanes.is_whole()
                         ? fmt::format("{} of {} lanes", in_sight, grouped(matching))
                         : fmt::format("reading… record {}", grouped(context.lanes.position().value));
  if (const RecordSearch& search = context.search; !search.text().empty()) {
    const std::string found =
        fmt::format("{} found{}", grouped(search.found().size()), search.is_over() ? "" : " so far");
    context.registry.add("found", top, found);
    text = fmt::format("{} · {}", found, text);
  }
  context.canvas.text_in(top, text, context.theme.dim, Face::kSmall, Align::kRight);
}

}  // namespace stackscope::gui
