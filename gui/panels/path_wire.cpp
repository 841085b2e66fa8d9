// Outside the machine: clients, and the link between.

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

void draw_peer(const PanelContext& context, const HostView& peer, const Rect& area) {
  Canvas& canvas = context.canvas;
  Rect inside = draw_box(context, area, context.string(peer.name), context.theme.user);
  context.object({ObjectKind::kHost, peer.number, peer.number}, area, std::string(context.string(peer.name)));
  std::array<std::size_t, 16> by_state{};
  for (const auto& [id, socket] : peer.sockets) {
    context.registry.holds(ObjectRef::of(ObjectKind::kSocket, peer.number, id));
    ++by_state[static_cast<std::size_t>(socket.state) % by_state.size()];
  }
  for (std::size_t state = 0; state < by_state.size(); ++state) {
    if (by_state[state] == 0) continue;
    const Rect line = cut_top(inside, canvas.height_of(Face::kSmall) + 5);
    if (line.h < canvas.height_of(Face::kSmall)) break;
    const std::string text =
        fmt::format("{} {}", grouped(by_state[state]), name_of(static_cast<TcpState>(state)));
    canvas.text_in(line, text, context.theme.dim, Face::kSmall);
  }
}

}  // namespace

void draw_peers(const PanelContext& context, const std::vector<const HostView*>& peers, const Rect& area) {
  const float zoom = context.canvas.zoom();
  const Grid cells = grid(area, peers.size(), {90 * zoom, 44 * zoom}, {400 * zoom, 150 * zoom}, 8);
  for (std::size_t i = 0; i < cells.shown; ++i) draw_peer(context, *peers[i], cells.cells[i]);
  for (std::size_t i = cells.shown; i < peers.size(); ++i) {
    context.registry.holds({ObjectKind::kHost, peers[i]->number, peers[i]->number});
    for (const auto& [id, socket] : peers[i]->sockets) {
      context.registry.holds(ObjectRef::of(ObjectKind::kSocket, peers[i]->number, id));
    }
  }
  if (cells.rest() > 0 && !cells.cells.empty()) draw_rest(context, cells.cells.back(), cells.rest(), "peers");
}

// Frames in the order in which they were sent; the records do not tell how far each has come.
void draw_link(const PanelContext& context, const Rect& area) {
  Canvas& canvas = context.canvas;
  const auto& flight = context.view.links.in_flight;
  Rect inside = draw_box(context, area, "link", context.theme.line);
  const Rect foot = cut_bottom(inside, canvas.height_of(Face::kSmall) + 2);
  const std::string counts = fmt::format("{} on the way · {} delivered", short_count(flight.size()),
                                         short_count(context.view.links.delivered));
  canvas.text_in(foot, counts, context.theme.dim, Face::kSmall);
  context.registry.add("link", area, counts);
  const float height = std::min(19 * canvas.zoom(), inside.h / 3);
  const auto most = static_cast<std::size_t>(std::max(0.0F, inside.h / (height + 2)));
  std::size_t drawn = 0;
  for (const auto& [id, frame] : flight) {
    const ObjectRef ref = ObjectRef::packet(ordinal_of(id));
    if (drawn == most) {
      context.registry.holds(ref);
      continue;
    }
    ++drawn;
    Rect line = context.at(Spot::kLink, ref, cut_top(inside, height));
    cut_top(inside, 2);
    const Rect square = cut_left(line, height).inset(3);
    canvas.fill(square, context.theme.data, 2);
    const std::string text = fmt::format("{} {} → {}  {}", ordinal_of(id), frame.source_port,
                                         frame.destination_port, short_bytes(frame.payload_bytes));
    canvas.text_in({line.x + 3, line.y, line.w - 3, line.h}, text, context.theme.text, Face::kMono);
    context.object(ref, {square.x - 2, line.y, line.w + square.w, line.h}, text);
  }
}

}  // namespace stackscope::gui
