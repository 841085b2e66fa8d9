#include "gui/panels/tree.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "gui/panels/tree_layout.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

struct Shown {
  const HostView* host = nullptr;
  const EpollView* epoll = nullptr;
};

Shown instance(const PanelContext& context, const ObjectRef& object) {
  const HostView* host = context.view.hosts.find(object.host);
  if (host == nullptr) return {};
  auto id = static_cast<std::uint32_t>(object.id);
  if (object.kind == ObjectKind::kItem) {
    const ItemView* item = host->items.find(ItemId{id});
    id = item == nullptr ? 0 : item->epoll.value;
  } else if (object.kind != ObjectKind::kEpoll) {
    return {};
  }
  return {host, host->epolls.find(EpollId{id})};
}

Shown choose(const PanelContext& context) {
  if (const Shown selected = instance(context, context.selected); selected.epoll != nullptr) return selected;
  Shown best;
  int best_age = kMarkedRecords;
  for (const auto& [object, age] : context.marks) {
    const Shown shown = instance(context, object);
    if (shown.epoll != nullptr && age < best_age) best = shown, best_age = age;
  }
  if (best.epoll != nullptr) return best;
  for (const auto& [number, host] : context.view.hosts) {
    for (const auto& [id, epoll] : host.epolls) {
      if (best.epoll == nullptr || epoll.items > best.epoll->items) best = {&host, &epoll};
    }
  }
  return best;
}

/// The item that matters most now: the selected one, or the one that the last records touched.
ItemId focus_of(const PanelContext& context, const Shown& shown) {
  const auto belongs = [&](const ObjectRef& object) {
    if (object.kind != ObjectKind::kItem || object.host != shown.host->number) return false;
    const ItemView* item = shown.host->items.find(ItemId{static_cast<std::uint32_t>(object.id)});
    return item != nullptr && item->epoll == shown.epoll->id;
  };
  if (belongs(context.selected)) return ItemId{static_cast<std::uint32_t>(context.selected.id)};
  ItemId focus;
  int best = kMarkedRecords;
  for (const auto& [object, age] : context.marks) {
    if (age < best && belongs(object)) focus = ItemId{static_cast<std::uint32_t>(object.id)}, best = age;
  }
  return focus;
}

struct NodeSize {
  float w, h;
  bool has_label;
};

Rect box_of(const TreeNode& node, const NodeSize& size) {
  return {node.x - size.w * 0.42F, node.y - size.h * 0.32F, size.w * 0.84F, size.h * 0.64F};
}

/// From 0, red, to 1; between while it is recoloured.
float blackness(const HostPart& part, const ItemView& item) {
  const float now = item.is_black ? 1 : 0;
  const HostView* const before =
      part.context.former == nullptr ? nullptr : part.context.former->hosts.find(part.host.number);
  const ItemView* const was = before == nullptr ? nullptr : before->items.find(item.id);
  if (was == nullptr || !was->is_in_tree) return now;
  const float then = was->is_black ? 1 : 0;
  return then + (now - then) * part.context.moving->share();
}

/// A subtree for which there is no room.
void draw_triangle(const HostPart& part, const TreeNode& node, const Rect& box, const NodeSize& size) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  const float half = std::min(size.w * 0.4F, 12 * canvas.zoom()), foot = box.middle_y() + size.h * 0.2F;
  const Point top{box.middle_x(), box.y};
  canvas.line(top, {top.x - half, foot}, theme.faint);
  canvas.line(top, {top.x + half, foot}, theme.faint);
  canvas.line({top.x - half, foot}, {top.x + half, foot}, theme.faint);
  if (!size.has_label) return;
  canvas.text_in({top.x - size.w, foot, 2 * size.w, 14 * canvas.zoom()}, short_count(node.collapsed),
                 theme.dim, Face::kSmall, Align::kCentre);
}

/// Black is a square that is filled, red a circle with a ring: colour is never alone.
void draw_node(const HostPart& part, ItemId id, const Rect& box, const NodeSize& size) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  const ItemView& item = *part.host.items.find(id);
  const float black = blackness(part, item), rounding = box.h / 2 + (2 - box.h / 2) * black;
  canvas.fill(box, mix(with_alpha(theme.hardirq, 110), with_alpha(theme.text, 40), black), rounding);
  canvas.frame(box, mix(theme.hardirq, theme.dim, black), 2 - black, rounding);
  if (item.is_listed) canvas.fill({box.x + 3, box.bottom() - 4, box.w - 6, 3}, theme.data, 1);
  if (size.has_label)
    canvas.text_in(box, fmt::format("{}", item.fd), theme.text, Face::kMono, Align::kCentre);
  part.context.object(
      part.item(id), box,
      fmt::format("fd {} {}{}", item.fd, item.is_black ? "black" : "red", item.is_listed ? " ready" : ""),
      rounding);
}

void draw_nodes(const HostPart& part, const EpollView& epoll, const Rect& area, const NodeSize& size,
                ItemId focus) {
  const std::vector<TreeNode> nodes = lay_out_tree(part.host, epoll, area, size.w, size.h, focus);
  std::vector<Rect> boxes;
  boxes.reserve(nodes.size());
  for (const TreeNode& node : nodes)
    boxes.push_back(part.context.at(Spot::kTree, part.item(node.item), box_of(node, size)));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Rect &parent = boxes[nodes[i].parent], &box = boxes[i];
    if (nodes[i].parent == i) continue;
    part.context.canvas.line({parent.middle_x(), parent.bottom()}, {box.middle_x(), box.y},
                             part.context.theme.line, 1.5F);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].collapsed > 0) {
      draw_triangle(part, nodes[i], boxes[i], size);
    } else {
      draw_node(part, nodes[i].item, boxes[i], size);
    }
  }
}

void draw_list(const HostPart& part, const EpollView& epoll, EpollList which, std::string_view name,
               const Rect& line) {
  const Rect chips = labelled(part, line, name);
  part.context.registry.add(std::string(name), chips, fmt::format("{} items", epoll.list(which).size));
  draw_item_list(part, epoll, which, chips);
}

}  // namespace

void draw_small_tree(const PanelContext& context, const HostView& host, const EpollView& epoll,
                     const Rect& area) {
  const float zoom = context.canvas.zoom();
  const HostPart part{context, host};
  draw_nodes(part, epoll, area, {30 * zoom, 26 * zoom, true}, focus_of(context, {&host, &epoll}));
}

Wish draw_tree(const PanelContext& context, const Rect& area) {
  Canvas& canvas = context.canvas;
  const float zoom = canvas.zoom(), line = line_height(context);
  canvas.fill(area, context.theme.panel, 5);
  const Shown shown = choose(context);
  Rect inside = area.inset(10);
  if (shown.epoll == nullptr) {
    canvas.text_in(cut_top(inside, line), "There is no epoll instance yet.", context.theme.dim);
    return {};
  }
  const HostPart part{context, *shown.host};
  const EpollView& epoll = *shown.epoll;
  const std::string title = fmt::format("epoll {}", epoll.id.value);
  const std::string text =
      fmt::format("{} items{}", grouped(epoll.items), epoll.is_scanning ? ", being scanned" : "");
  const Rect head = cut_top(inside, canvas.height_of(Face::kBold) + 6);
  canvas.text_in(head, title, context.theme.text, Face::kBold);
  canvas.text_in(head, text, context.theme.dim, Face::kSmall, Align::kRight);
  context.registry.add("tree", area, fmt::format("{}: {}", title, text));
  const float lists = (epoll.is_scanning ? 3 : 2) * line;
  Rect foot = cut_bottom(inside, lists);
  draw_nodes(part, epoll, inside, {34 * zoom, 36 * zoom, true}, focus_of(context, shown));
  draw_list(part, epoll, EpollList::kReady, "ready list", cut_top(foot, line));
  if (epoll.is_scanning) draw_list(part, epoll, EpollList::kScan, "being copied", cut_top(foot, line));
  draw_list(part, epoll, EpollList::kOverflow, "overflow list", cut_top(foot, line));
  return {};
}

}  // namespace stackscope::gui
