// Sockets: listeners with their two queues, connections with what lies in their buffers.

#include <algorithm>
#include <fmt/format.h>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "gui/panels/pick.hpp"

namespace stackscope::gui {
namespace {

void hold_backlog(const HostPart& part, const SocketView& socket) {
  part.host.for_each_backlogged(socket, [&](PacketId id, const BacklogEntryView&) {
    part.context.registry.holds(ObjectRef::packet(id.value));
  });
}

void draw_listener(const HostPart& part, const SocketView& socket, Rect inside) {
  const Theme& theme = part.context.theme;
  const float line = line_height(part.context);
  draw_squares(part.context, labelled(part, cut_top(inside, line), "SYN queue"),
               {socket.syn_queue, theme.softirq, ""});
  const std::string limit = fmt::format("/{}", socket.accept_limit + 1);
  draw_squares(part.context, labelled(part, cut_top(inside, line), "accept queue"),
               {socket.accept_queue, theme.data, limit});
  draw_wait_queue(part, socket.wait_queue, inside);
}

void draw_datagrams(const HostPart& part, const SocketView& socket, Rect inside) {
  const float line = line_height(part.context);
  const Rect queue = labelled(part, cut_top(inside, line), "datagrams");
  draw_squares(part.context, queue, {socket.datagrams, part.context.theme.data, ""});
  draw_wait_queue(part, socket.wait_queue, inside);
}

void draw_connection(const HostPart& part, const SocketView& socket, Rect inside) {
  const Theme& theme = part.context.theme;
  const float line = line_height(part.context);
  const TcpView* tcp = part.host.tcp.find(socket.id);
  if (tcp != nullptr && inside.h >= line - 2) {
    Rect gauges = cut_top(inside, line);
    const Rect receive = cut_left(gauges, gauges.w / 2 - 3);
    draw_gauge(part.context, {receive.x, receive.y + 1, receive.w, receive.h - 3},
               {tcp->rmem_alloc, tcp->rcvbuf, theme.data,
                fmt::format("rcv {}", short_bytes(unread_bytes(socket, *tcp))),
                fmt::format(" win {}", short_bytes(tcp->rcv_wnd))});
    cut_left(gauges, 6);
    draw_gauge(part.context, {gauges.x, gauges.y + 1, gauges.w, gauges.h - 3},
               {tcp->wmem_queued, tcp->sndbuf, theme.data,
                fmt::format("out {}", short_bytes(unacknowledged_bytes(socket, *tcp))),
                fmt::format(" cwnd {}", tcp->snd_cwnd)});
  }
  if (socket.backlog.size > 0 && inside.h >= line - 2) {
    draw_squares(part.context, labelled(part, cut_top(inside, line), "backlog"),
                 {socket.backlog.size, theme.softirq, ""});
  }
  draw_wait_queue(part, socket.wait_queue, inside);
}

bool is_listener(const SocketView& socket) { return socket.state == TcpState::kListen; }
bool is_udp(const HostView& host, const SocketView& socket) { return host.tcp.find(socket.id) == nullptr; }

std::string title_of(const HostPart& part, const SocketView& socket) {
  if (is_listener(socket)) return fmt::format(":{} LISTEN", socket.local_port);
  if (is_udp(part.host, socket)) return fmt::format(":{} UDP", socket.local_port);
  if (socket.remote_port == 0) return fmt::format("socket {} {}", socket.id.value, name_of(socket.state));
  return fmt::format(":{} ↔ :{} {}", socket.local_port, socket.remote_port, name_of(socket.state));
}

void draw_socket(const HostPart& part, const SocketView& socket, const Rect& area) {
  const Theme& theme = part.context.theme;
  const Colour accent = is_listener(socket)                      ? theme.user
                        : socket.state == TcpState::kEstablished ? theme.data
                                                                 : theme.asleep;
  const std::string title = title_of(part, socket);
  const Rect inside = draw_box(part.context, area, title, accent);
  part.context.object(part.socket(socket.id), area, title);
  if (is_listener(socket))
    draw_listener(part, socket, inside);
  else if (is_udp(part.host, socket))
    draw_datagrams(part, socket, inside);
  else
    draw_connection(part, socket, inside);
  hold_backlog(part, socket);
}

void hold_socket(const HostPart& part, const SocketView& socket) {
  part.context.registry.holds(part.socket(socket.id));
  hold_backlog(part, socket);
  hold_waiters(part, socket.wait_queue);
}

// Listeners first: where there are few, they have a place of their own whatever is selected.
int rank(const HostPart& part, const SocketView& socket) {
  const ObjectRef ref = part.socket(socket.id);
  if (is_listener(socket)) return 100;
  if (ref == part.context.selected) return 90;
  if (part.context.is_marked(ref)) return 80;
  if (socket.owner || socket.backlog.size > 0 || socket.datagrams > 0) return 60;
  const TcpView* tcp = part.host.tcp.find(socket.id);
  if (tcp != nullptr && tcp->rmem_alloc > 0) return 50;
  return socket.state == TcpState::kEstablished ? 20 : socket.state == TcpState::kClose ? 0 : 10;
}

}  // namespace

void draw_sockets(const HostPart& part, const Rect& area) {
  const float zoom = part.context.canvas.zoom();
  const HostView& host = part.host;
  std::size_t listeners = 0;
  for (const auto& [id, socket] : host.sockets) listeners += is_listener(socket) ? 1 : 0;
  const bool all_alike = listeners == 0 || listeners > 3;
  // Where nothing would fit beneath it, a listener has all but a strip.
  const bool is_tight = area.h * 0.5F - 8 < 66 * zoom;
  const float height = is_tight && listeners == 1 ? area.h - 36 * zoom : std::min(88 * zoom, area.h * 0.5F);
  Rect rest = area;
  std::vector<SocketId> above;
  for (const auto& [id, socket] : host.sockets) {
    if (all_alike || !is_listener(socket)) continue;
    draw_socket(part, socket, cut_top(rest, height));
    cut_top(rest, 8);
    above.push_back(id);
  }
  const Grid cells = grid(rest, host.sockets.size() - above.size(),
                          {190 * zoom, (all_alike ? 84 : 66) * zoom}, {640 * zoom, 90 * zoom}, 8);
  std::vector<SocketId> picked = pick(host.sockets, cells.shown + above.size(),
                                      [&](SocketId, const SocketView& socket) { return rank(part, socket); });
  std::size_t at = 0;
  for (const SocketId id : picked) {
    if (std::binary_search(above.begin(), above.end(), id)) continue;
    if (at < cells.shown) draw_socket(part, *host.sockets.find(id), cells.cells[at++]);
  }
  for (const auto& [id, socket] : host.sockets) {
    if (!std::binary_search(picked.begin(), picked.end(), id)) hold_socket(part, socket);
  }
  const Rect heap = cells.cells.empty() ? rest : cells.cells.back();
  if (cells.rest() > 0 && heap.h >= 20 * zoom) draw_rest(part.context, heap, cells.rest(), "sockets");
}

}  // namespace stackscope::gui
