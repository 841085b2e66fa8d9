// What the last record brings from one place to another, while its change is on its way: a packet is a square, a wake-up a
// circle.

#include <algorithm>

#include "gui/panels/path_parts.hpp"

namespace stackscope::gui {
namespace {

struct Way {
  Rect from, to;
};

/// Where a record happened to a packet: at a socket, in a NIC, on the link, else on a CPU.
const Registry::Entry* place_of(const PanelContext& context, const RawRecord& record) {
  const std::vector<ObjectRef> objects = context.objects.of(record);
  for (const ObjectKind kind : {ObjectKind::kSocket, ObjectKind::kNic}) {
    const auto found = std::ranges::find(objects, kind, &ObjectRef::kind);
    if (found != objects.end()) return context.registry.find(*found);
  }
  if (context.recording.schema().kind(record.header.kind).name.starts_with("link:"))
    return context.registry.find("link");
  return objects.empty() || objects.back().kind != ObjectKind::kCpu ? nullptr
                                                                    : context.registry.find(objects.back());
}

/// From where the record before about the same packet left it.
std::optional<Way> way_of_packet(const PanelContext& context, const RawRecord& record) {
  constexpr std::uint64_t kMostLooks = 2'000;
  const std::vector<ObjectRef> objects = context.objects.of(record);
  const auto packet = std::ranges::find(objects, ObjectKind::kPacket, &ObjectRef::kind);
  if (packet == objects.end()) return std::nullopt;
  const std::uint64_t first = record.id.value > kMostLooks ? record.id.value - kMostLooks : 1;
  for (std::uint64_t id = record.id.value; id-- > first;) {
    const RawRecord before = context.recording.at(RecordId{id});
    if (!context.objects.is_about_packet(before) || !context.objects.names(before, *packet)) continue;
    const Registry::Entry *from = place_of(context, before), *to = place_of(context, record);
    if (from == nullptr || to == nullptr || from == to) return std::nullopt;
    return Way{from->rect, to->rect};
  }
  return std::nullopt;
}

/// From the CPU that wakes to the thread that is woken.
std::optional<Way> way_of_wake_up(const PanelContext& context, const RawRecord& record) {
  const std::vector<ObjectRef> objects = context.objects.of(record);
  const auto task = std::ranges::find(objects, ObjectKind::kTask, &ObjectRef::kind);
  if (task == objects.end() || objects.back().kind != ObjectKind::kCpu) return std::nullopt;
  const Registry::Entry *from = context.registry.find(objects.back()), *to = context.registry.find(*task);
  if (from == nullptr || to == nullptr) return std::nullopt;
  return Way{from->rect, to->rect};
}

}  // namespace

void draw_flight(const PanelContext& context) {
  const RecordId last = context.view.run.last;
  if (context.moving == nullptr || !last || last.value > context.recording.size()) return;
  const RawRecord record = context.recording.at(last);
  const bool is_wake_up = context.objects.is_waking(record);
  const auto way = is_wake_up ? way_of_wake_up(context, record) : way_of_packet(context, record);
  if (!way) return;
  Canvas& canvas = context.canvas;
  const Theme& theme = context.theme;
  const float share = context.moving->share(), radius = 6 * canvas.zoom();
  const Point from{way->from.middle_x(), way->from.middle_y()}, to{way->to.middle_x(), way->to.middle_y()};
  const Point at{from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
  canvas.line(from, at, with_alpha(theme.changed, 130), 1.5F);
  context.registry.add("flight", {at.x - radius, at.y - radius, 2 * radius, 2 * radius},
                       is_wake_up ? "wake-up" : "packet");
  if (is_wake_up) return canvas.circle(at, radius, theme.changed);
  canvas.fill({at.x - radius, at.y - radius, 2 * radius, 2 * radius}, theme.data, 2);
  canvas.frame({at.x - radius, at.y - radius, 2 * radius, 2 * radius}, theme.changed, 1.5F, 2);
}

}  // namespace stackscope::gui
