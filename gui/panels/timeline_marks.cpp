// What lies over the lanes of the timeline: the axis, marks, causes and effects, what a search has found.

#include <fmt/format.h>
#include <optional>

#include "gui/draw/units.hpp"
#include "gui/panels/timeline.hpp"
#include "gui/panels/timeline_parts.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

constexpr int kMostCauses = 16;

/// Where a record lies: on the lane of its CPU.
std::optional<Point> place_of(const Part& part, const Rows& rows, const RawRecord& record) {
  const Place place = record.header.place;
  const auto row = rows.find(ObjectRef::cpu(place.host, place.cpu));
  if (place.cpu == Place::kNoCpu || row == rows.end()) return std::nullopt;
  return Point{part.scale.x_of(record.header.at), row->second};
}

void draw_link(const Part& part, const Rows& rows, const RawRecord& cause, const RawRecord& effect,
               Colour colour) {
  const auto from = place_of(part, rows, cause), to = place_of(part, rows, effect);
  if (!from || !to) return;
  part.context.canvas.curve(*from, *to, colour, 1.5F);
  part.context.canvas.arrow(*to, false, colour);
}

}  // namespace

void draw_axis(const Part& part, const Rect& axis, float bottom) {
  const Scale& scale = part.scale;
  Canvas& canvas = part.context.canvas;
  const auto most = static_cast<std::int64_t>(std::max(1.0F, axis.w / (110 * canvas.zoom())));
  const std::int64_t tick = tick_for(Duration::ns(scale.span), most).count();
  for (std::int64_t at = (scale.from + tick - 1) / tick * tick; at <= scale.from + scale.span; at += tick) {
    const float x = scale.x_of(Instant::ns(at));
    canvas.line({x, axis.bottom() - 4}, {x, bottom}, with_alpha(part.context.theme.line, 130));
    const std::string time = tick_time(Instant::ns(at));
    if (x + 3 + canvas.width_of(time, Face::kSmall) <= axis.right())
      canvas.text({x + 3, axis.y}, time, part.context.theme.dim, Face::kSmall);
  }
  part.context.registry.add(
      "axis", axis,
      fmt::format("{} from {}", short_time(Duration::ns(scale.span)), exact_time(Instant::ns(scale.from))));
}

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

void draw_causes(const Part& part, const Rows& rows) {
  const PanelContext& context = part.context;
  if (context.selected.kind != ObjectKind::kRecord || context.selected.id > context.recording.size()) return;
  const RawRecord selected = context.recording.at(RecordId{context.selected.id});
  const auto add = [&](const std::string& name, const RawRecord& record) {
    const auto at = place_of(part, rows, record);
    if (at) context.registry.add(name, {at->x - 3, at->y - 3, 6, 6}, context.recording.text(record));
  };
  for (std::size_t i = 0; i < context.effects.size(); ++i) {
    const RawRecord effect = context.recording.at(context.effects[i]);
    draw_link(part, rows, selected, effect, context.theme.selected);
    add(fmt::format("effect {}", i + 1), effect);
  }
  RawRecord record = selected;
  for (int i = 0; i < kMostCauses && record.header.cause; ++i) {
    const RawRecord cause = context.recording.at(record.header.cause);
    draw_link(part, rows, cause, record, context.theme.changed);
    add(fmt::format("cause {}", i + 1), cause);
    record = cause;
  }
}

void draw_found(const Part& part, const Rect& line) {
  float last = -1;
  const std::vector<RecordId>& found = part.context.search.found();
  const auto begin =
      std::ranges::lower_bound(found, part.context.recording.first_at(Instant::ns(part.scale.from)));
  for (auto id = begin; id != found.end(); ++id) {
    const Instant at = part.context.recording.at(*id).header.at;
    const float x = std::floor(part.scale.x_of(at));
    if (x > part.scale.area.right()) break;
    if (x == last) {  // on to the next pixel: there may be thousands in this one
      const auto next =
          std::ranges::lower_bound(id, found.end(), part.context.recording.first_at(part.scale.at(x + 1)));
      if (next == found.end()) break;
      id = std::prev(std::max(next, std::next(id)));
      continue;
    }
    last = x;
    part.context.canvas.line({x, line.y + 2}, {x, line.bottom() - 2}, part.context.theme.changed, 1.5F);
  }
}

}  // namespace stackscope::gui
