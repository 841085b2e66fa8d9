// Who would wake whom: from the chips in wait queues to the epoll instance or the thread that hangs there. Thin; those that
// the last records went along are bright.

#include "gui/panels/path_parts.hpp"

namespace stackscope::gui {
namespace {

void draw_wire(const HostPart& part, const WaiterView& waiter) {
  const Registry& registry = part.context.registry;
  const ObjectRef from = part.waiter(waiter.id);
  ObjectRef to = part.task(waiter.task);
  if (waiter.item) {
    const ItemView* item = part.host.items.find(waiter.item);
    if (item == nullptr) return;
    to = part.epoll(item->epoll);
  }
  const Registry::Entry *start = registry.find(from), *end = registry.find(to);
  if (start == nullptr || end == nullptr) return;
  const ObjectRef goal = waiter.item ? part.item(waiter.item) : to;
  const bool is_hot = part.context.is_marked(goal) || part.context.is_marked(from);
  const bool is_selected =
      part.context.selected && (from == part.context.selected || to == part.context.selected);
  const Theme& theme = part.context.theme;
  const Colour colour = is_hot ? theme.changed : is_selected ? theme.selected : with_alpha(theme.faint, 60);
  const float width = is_hot || is_selected ? 2.0F : 1.0F;
  const Rect &a = start->rect, &b = end->rect;
  if (b.x > a.right() && !waiter.task) {
    part.context.canvas.curve({a.right(), a.middle_y()}, {b.x, b.middle_y()}, colour, width);
  } else {
    part.context.canvas.drop({a.middle_x(), a.bottom()}, {b.middle_x(), b.y}, colour, width);
  }
}

}  // namespace

void draw_wires(const HostPart& part) {
  constexpr std::size_t kMostWires = 400;
  std::size_t drawn = 0;
  for (const auto& [id, waiter] : part.host.waiters) {
    if (drawn++ == kMostWires) return;
    draw_wire(part, waiter);
  }
}

}  // namespace stackscope::gui
