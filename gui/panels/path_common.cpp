// What the parts of the path share: boxes, squares, gauges, waiters.

#include <algorithm>
#include <fmt/format.h>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {

Rect draw_box(const PanelContext& context, const Rect& area, std::string_view title, Colour accent) {
  Canvas& canvas = context.canvas;
  canvas.fill(area, context.theme.panel, 5);
  canvas.frame(area, context.theme.line, 1, 5);
  canvas.fill({area.x, area.y + 5, 3, area.h - 10}, accent, 1);
  Rect inside = area.inset(7);
  inside.x += 3, inside.w -= 3;
  if (title.empty()) return inside;
  const Rect line = cut_top(inside, canvas.height_of(Face::kText) + 3);
  canvas.text_in(line, title, context.theme.text, Face::kBold);
  return inside;
}

void draw_rest(const PanelContext& context, const Rect& area, std::size_t count, std::string_view what) {
  Canvas& canvas = context.canvas;
  for (int card = 2; card >= 0; --card) {
    const float shift = static_cast<float>(card) * 3;
    const Rect sheet{area.x + shift, area.y + shift, area.w - 6, area.h - 6};
    canvas.fill(sheet, context.theme.raised, 5);
    canvas.frame(sheet, context.theme.line, 1, 5);
  }
  const std::string text = fmt::format("and {} more {}", grouped(count), what);
  canvas.text_in(area.inset(8), text, context.theme.dim, Face::kText, Align::kCentre);
  context.registry.add(fmt::format("more {}", what), area, text);
}

void draw_squares(const PanelContext& context, const Rect& area, const Squares& squares) {
  Canvas& canvas = context.canvas;
  const float size = std::min(area.h, 11.0F * canvas.zoom()), step = size + 3;
  const std::string total = fmt::format("{}{}", short_count(squares.count), squares.unit);
  const float label = canvas.width_of(total, Face::kMono) + 6;
  const auto most = static_cast<std::uint64_t>(std::max(0.0F, (area.w - label) / step));
  const std::uint64_t drawn = std::min({squares.count, most, std::uint64_t{24}});
  float x = area.x;
  for (std::uint64_t i = 0; i < drawn; ++i, x += step) {
    canvas.fill({x, area.middle_y() - size / 2, size, size}, squares.colour, 1.5F);
  }
  canvas.text_in({x + 2, area.y, area.right() - x - 2, area.h}, total, context.theme.dim, Face::kMono);
}

void draw_gauge(const PanelContext& context, const Rect& area, const Gauge& gauge) {
  Canvas& canvas = context.canvas;
  canvas.fill(area, context.theme.raised, 3);
  if (gauge.whole > 0 && gauge.filled > 0) {
    const double share = std::min(1.0, static_cast<double>(gauge.filled) / static_cast<double>(gauge.whole));
    const float width = std::max(2.0F, area.w * static_cast<float>(share));
    canvas.fill({area.x, area.y, width, area.h}, with_alpha(gauge.colour, 150), 3);
  }
  canvas.frame(area, context.theme.line, 1, 3);
  const Rect inside{area.x + 5, area.y, area.w - 10, area.h};
  const bool fits = canvas.width_of(gauge.text + gauge.more, Face::kMono) <= inside.w;
  canvas.text_in(inside, fits ? gauge.text + gauge.more : gauge.text, context.theme.text, Face::kMono);
}

namespace {

struct Chip {
  std::string label;
  bool is_item = false;
  Colour colour{};
};

Chip chip_of(const HostPart& part, const WaiterView& waiter) {
  const Theme& theme = part.context.theme;
  const char* mark = waiter.exclusive ? " e" : "";
  if (waiter.item) {
    const ItemView* item = part.host.items.find(waiter.item);
    return {fmt::format("{}{}", item == nullptr ? 0 : item->epoll.value, mark), true, theme.softirq};
  }
  const TaskView* task = part.host.tasks.find(waiter.task);
  const Colour colour = task == nullptr ? theme.asleep : theme.of(task->state, task->is_on_cpu);
  return {fmt::format("{}{}", waiter.task.value, mark), false, colour};
}

float chip_width(const HostPart& part, const Chip& chip, float height) {
  return part.context.canvas.width_of(chip.label, Face::kMono) + height + 6;
}

void draw_chip(const HostPart& part, WaiterId id, const Chip& chip, const Rect& rect) {
  Canvas& canvas = part.context.canvas;
  canvas.fill(rect, part.context.theme.raised, rect.h / 2);
  const Point centre{rect.x + rect.h / 2 + 1, rect.middle_y()};
  if (chip.is_item) {
    canvas.hexagon(centre, rect.h * 0.34F, chip.colour);
  } else {
    canvas.circle(centre, rect.h * 0.32F, chip.colour);
  }
  canvas.text({rect.x + rect.h + 1, rect.middle_y() - canvas.height_of(Face::kMono) / 2}, chip.label,
              part.context.theme.text, Face::kMono);
  part.context.object(part.waiter(id), rect, chip.label, rect.h / 2);
}

}  // namespace

Rect labelled(const HostPart& part, Rect line, std::string_view label) {
  Canvas& canvas = part.context.canvas;
  canvas.text_in(cut_left(line, 84 * canvas.zoom()), label, part.context.theme.dim, Face::kSmall);
  return line;
}

float line_height(const PanelContext& context) { return context.canvas.height_of(Face::kMono) + 6; }

void draw_item_list(const HostPart& part, const EpollView& epoll, EpollList which, const Rect& area) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  const std::uint32_t size = epoll.list(which).size;
  const float height = std::min(area.h, 17 * canvas.zoom()), rest_width = 40 * canvas.zoom();
  float x = area.x;
  std::uint32_t drawn = 0;
  part.host.for_each_listed(epoll, which, [&](ItemId id, const ItemView& item) {
    const std::string label = fmt::format("fd {}", item.fd);
    const float width = canvas.width_of(label, Face::kMono) + 10;
    if (x + width + (drawn + 1 == size ? 0 : rest_width) > area.right()) {
      x = area.right();
      part.context.registry.holds(part.item(id));
      return;
    }
    const Rect chip =
        part.context.at(Spot::kList, part.item(id), {x, area.middle_y() - height / 2, width, height});
    canvas.fill(chip, with_alpha(theme.data, 110), 3);
    canvas.text_in(chip, label, theme.text, Face::kMono, Align::kCentre);
    part.context.object(part.item(id), chip, label, 3);
    x += width + 4;
    ++drawn;
  });
  if (drawn < size)
    canvas.text_in(area, fmt::format("+{}", short_count(size - drawn)), theme.dim, Face::kMono,
                   Align::kRight);
  if (size > 0) return;
  const bool is_off = which == EpollList::kOverflow && !epoll.is_scanning;
  canvas.text_in(area, is_off ? "not active" : "empty", theme.faint, Face::kSmall);
}

void hold_waiters(const HostPart& part, WaitQueueId queue) {
  const WaitQueueView* view = part.host.wait_queues.find(queue);
  if (view == nullptr) return;
  part.context.registry.holds(part.wait_queue(queue));
  part.host.for_each_waiter(
      *view, [&](WaiterId id, const WaiterView&) { part.context.registry.holds(part.waiter(id)); });
}

void draw_wait_queue(const HostPart& part, WaitQueueId queue, Rect& inside) {
  const float line = line_height(part.context);
  if (inside.h < line - 2) return hold_waiters(part, queue);
  draw_waiters(part, queue, labelled(part, cut_top(inside, line), "wait queue"));
}

void draw_waiters(const HostPart& part, WaitQueueId queue, const Rect& area) {
  const WaitQueueView* view = part.host.wait_queues.find(queue);
  if (view == nullptr) return;
  Canvas& canvas = part.context.canvas;
  part.context.object(part.wait_queue(queue), area, fmt::format("{} waiting", view->waiters.size), 3);
  const float height = std::min(area.h, 17 * canvas.zoom()), rest_width = 30 * canvas.zoom();
  float x = area.x;
  std::uint32_t drawn = 0;
  const std::uint32_t all = view->waiters.size;
  part.host.for_each_waiter(*view, [&](WaiterId id, const WaiterView& waiter) {
    const Chip chip = chip_of(part, waiter);
    const float width = chip_width(part, chip, height);
    const float room = area.right() - x - (drawn + 1 == all ? 0 : rest_width);
    if (width > room || x > area.right()) {
      x = area.right() + 1;
      part.context.registry.holds(part.waiter(id));
      return;
    }
    draw_chip(
        part, id, chip,
        part.context.at(Spot::kQueue, part.waiter(id), {x, area.middle_y() - height / 2, width, height}));
    x += width + 3;
    ++drawn;
  });
  const std::string note = all == 0 ? "nobody waits" : drawn < all ? fmt::format("+{}", all - drawn) : "";
  canvas.text_in(area, note, part.context.theme.faint, Face::kSmall, all == 0 ? Align::kLeft : Align::kRight);
}

}  // namespace stackscope::gui
