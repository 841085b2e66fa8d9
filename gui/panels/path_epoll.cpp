// Epoll instances: how many files they watch, what is ready, and who waits.

#include <algorithm>
#include <fmt/format.h>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "gui/panels/pick.hpp"
#include "gui/panels/tree.hpp"

namespace stackscope::gui {
namespace {

void draw_inside(const HostPart& part, const EpollView& epoll, Rect inside) {
  const float line = line_height(part.context);
  if (inside.h >= line - 2)
    draw_item_list(part, epoll, EpollList::kReady, labelled(part, cut_top(inside, line), "ready list"));
  if (epoll.is_scanning && inside.h >= line - 2) {
    draw_item_list(part, epoll, EpollList::kScan, labelled(part, cut_top(inside, line), "being copied"));
  }
  if (epoll.list(EpollList::kOverflow).size > 0 && inside.h >= line - 2) {
    draw_item_list(part, epoll, EpollList::kOverflow, labelled(part, cut_top(inside, line), "overflow list"));
  }
  draw_wait_queue(part, epoll.wait_queue, inside);
  if (inside.h > 60 * part.context.canvas.zoom()) draw_small_tree(part.context, part.host, epoll, inside);
}

void draw_epoll(const HostPart& part, const EpollView& epoll, const Rect& area) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  Rect inside = draw_box(part.context, area, "", theme.softirq);
  Rect title = cut_top(inside, canvas.height_of(Face::kText) + 3);
  const Rect shape = cut_left(title, title.h + 3);
  canvas.hexagon({shape.x + shape.h / 2, shape.middle_y()}, shape.h * 0.42F, theme.softirq);
  canvas.text_in(title, fmt::format("epoll {}", epoll.id.value), theme.text, Face::kBold);
  const std::string watches =
      fmt::format("watches {} file{}", short_count(epoll.items), epoll.items == 1 ? "" : "s");
  canvas.text_in(title, watches, theme.dim, Face::kSmall, Align::kRight);
  part.context.object(part.epoll(epoll.id), area,
                      fmt::format("epoll {} {} ready {}", epoll.id.value, watches, epoll.ready().size));
  draw_inside(part, epoll, inside);
}

int rank(const HostPart& part, const EpollView& epoll) {
  const ObjectRef ref = part.epoll(epoll.id);
  if (ref == part.context.selected) return 100;
  if (part.context.is_marked(ref)) return 80;
  if (epoll.is_scanning) return 60;
  return epoll.ready().size > 0 ? 50 : 0;
}

}  // namespace

void draw_epolls(const HostPart& part, const Rect& area) {
  const float zoom = part.context.canvas.zoom();
  const HostView& host = part.host;
  // Each item counts as drawn with the instance that watches it: on the lists by itself, in the tree by number.
  if (part.context.registry.collects()) {
    for (const auto& [id, item] : host.items) part.context.registry.holds(part.item(id));
  }
  const Grid cells = grid(area, host.epolls.size(), {200 * zoom, 66 * zoom},
                          {640 * zoom, (host.epolls.size() < 3 ? 420 : 128) * zoom}, 8);
  const auto picked =
      pick(host.epolls, cells.shown, [&](EpollId, const EpollView& epoll) { return rank(part, epoll); });
  for (std::size_t i = 0; i < picked.size(); ++i)
    draw_epoll(part, *host.epolls.find(picked[i]), cells.cells[i]);
  if (picked.size() == host.epolls.size()) return;
  for (const auto& [id, epoll] : host.epolls) {
    if (std::binary_search(picked.begin(), picked.end(), id)) continue;
    part.context.registry.holds(part.epoll(id));
    hold_waiters(part, epoll.wait_queue);
  }
  if (!cells.cells.empty()) draw_rest(part.context, cells.cells.back(), cells.rest(), "epoll instances");
}

}  // namespace stackscope::gui
