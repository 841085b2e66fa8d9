#include "gui/panels/path.hpp"

#include <fmt/format.h>
#include <vector>

#include "gui/draw/layout.hpp"
#include "gui/panels/path_parts.hpp"

namespace stackscope::gui {
namespace {

constexpr float kGap = 10;

struct Cast {
  std::vector<const HostView*> machines;  // with CPUs
  std::vector<const HostView*> peers;     // without
};

Cast cast_of(const SimulationView& view) {
  Cast cast;
  for (const auto& [number, host] : view.hosts) {
    (host.cpus.empty() ? cast.peers : cast.machines).push_back(&host);
  }
  return cast;
}

/// The wire and the NIC come before the first CPU, as a packet does.
void draw_arrival(const HostPart& part, Rect top, const std::vector<const HostView*>& peers) {
  const Canvas& canvas = part.context.canvas;
  if (!peers.empty()) {
    draw_peers(part.context, peers, cut_left(top, top.w * 0.15F));
    cut_left(top, kGap);
    draw_link(part.context, cut_left(top, std::min(top.w * 0.26F, 240 * canvas.zoom())));
    cut_left(top, kGap);
  }
  if (!part.host.nics.empty()) {
    draw_nics(part, cut_left(top, std::min(top.w * 0.34F, 200 * canvas.zoom())));
    cut_left(top, kGap);
  }
  draw_cpus(part, top);
}

void draw_host(const HostPart& part, Rect area, const std::vector<const HostView*>& peers, bool is_alone) {
  const HostView& host = part.host;
  const float zoom = part.context.canvas.zoom();
  if (!is_alone) {
    const Rect title = cut_top(area, 20 * zoom);
    part.context.canvas.text_in(title, part.context.string(host.name), part.context.theme.dim, Face::kBold);
  }
  const float threads = area.h * (host.epolls.empty() ? 0.34F : 0.24F);
  const Rect top = cut_top(area, std::min(area.h * 0.3F, (host.nics.empty() ? 112 : 140) * zoom));
  cut_top(area, kGap);
  const Rect bottom = cut_bottom(area, std::min(threads, 190 * zoom));
  cut_bottom(area, kGap * 2);
  draw_arrival(part, top, peers);
  if (has_other_queues(host)) {
    draw_other_queues(part, cut_bottom(area, std::min(area.h * 0.25F, 64 * zoom)));
    cut_bottom(area, kGap);
  }
  if (!host.epolls.empty()) {
    draw_epolls(part, cut_right(area, host.sockets.empty() ? area.w : area.w * 0.5F));
    cut_right(area, kGap * 2);
  }
  if (!host.sockets.empty()) draw_sockets(part, area);
  draw_threads(part, bottom);
  draw_wires(part);
}

}  // namespace

Wish draw_path(const PanelContext& context, const Rect& area) {
  const Cast cast = cast_of(context.view);
  Rect rest = area.inset(kGap);
  if (context.view.hosts.empty()) {
    context.canvas.text_in(rest, "Nothing has happened yet: → steps to the first record, Space plays.",
                           context.theme.dim, Face::kText, Align::kCentre);
    return {};
  }
  const bool is_one = cast.machines.size() == 1;
  if (context.document.has_wire() && !is_one) {
    Rect left = cut_left(rest, rest.w * 0.2F);
    cut_left(rest, kGap * 2);
    const Rect link = cut_bottom(left, std::min(left.h * 0.35F, 170 * context.canvas.zoom()));
    cut_bottom(left, kGap);
    draw_peers(context, cast.peers, left);
    draw_link(context, link);
  }
  const auto machines = static_cast<float>(cast.machines.size());
  const float height = (rest.h - kGap * (machines - 1)) / std::max(machines, 1.0F);
  for (const HostView* host : cast.machines) {
    const bool has_peers = context.document.has_wire() && is_one;
    draw_host({context, *host}, cut_top(rest, height),
              has_peers ? cast.peers : std::vector<const HostView*>(), is_one);
    cut_top(rest, kGap);
  }
  draw_flight(context);
  return {};
}

}  // namespace stackscope::gui
