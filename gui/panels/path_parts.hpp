#pragma once
// The parts of the path panel. Each draws one row or column of a host, and registers what it drew.

#include <string_view>
#include <vector>

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// A host's place in the picture.
struct HostPart {
  const PanelContext& context;
  const HostView& host;

  ObjectRef task(TaskId id) const { return ObjectRef::of(ObjectKind::kTask, host.number, id); }
  ObjectRef socket(SocketId id) const { return ObjectRef::of(ObjectKind::kSocket, host.number, id); }
  ObjectRef epoll(EpollId id) const { return ObjectRef::of(ObjectKind::kEpoll, host.number, id); }
  ObjectRef item(ItemId id) const { return ObjectRef::of(ObjectKind::kItem, host.number, id); }
  ObjectRef waiter(WaiterId id) const { return ObjectRef::of(ObjectKind::kWaiter, host.number, id); }
  ObjectRef wait_queue(WaitQueueId id) const {
    return ObjectRef::of(ObjectKind::kWaitQueue, host.number, id);
  }
  ObjectRef nic(QueueId id) const { return ObjectRef::of(ObjectKind::kNic, host.number, id); }
};

void draw_peers(const PanelContext& context, const std::vector<const HostView*>& peers, const Rect& area);
void draw_link(const PanelContext& context, const Rect& area);
void draw_nics(const HostPart& part, const Rect& area);
void draw_cpus(const HostPart& part, const Rect& area);
void draw_sockets(const HostPart& part, const Rect& area);
void draw_epolls(const HostPart& part, const Rect& area);
void draw_threads(const HostPart& part, const Rect& area);
/// Wait queues that belong to neither a socket nor an epoll instance: pipes, eventfds, futexes.
void draw_other_queues(const HostPart& part, const Rect& area);
bool has_other_queues(const HostView& host);
/// From wait queues to epoll instances and threads. Over what the others drew.
void draw_wires(const HostPart& part);

/// What the last record brings from one place to another, while that is on its way. Over everything.
void draw_flight(const PanelContext& context);

/// A line that says in front what it is; returns the place behind that.
Rect labelled(const HostPart& part, Rect line, std::string_view label);
/// As high as a line of chips or squares.
float line_height(const PanelContext& context);
/// A list of an epoll instance as chips in its order, each with its descriptor. What does not fit becomes a count.
void draw_item_list(const HostPart& part, const EpollView& epoll, EpollList which, const Rect& area);
/// A line for a wait queue, cut from `inside`. Where there is no room for one, its waiters count as drawn with their owner.
void draw_wait_queue(const HostPart& part, WaitQueueId queue, Rect& inside);
/// They count as drawn, as part of something that stands for many.
void hold_waiters(const HostPart& part, WaitQueueId queue);
/// The waiters of a queue as chips in their order: a hexagon for an epoll item, a circle for a thread, "e" where exclusive.
/// Those that do not fit become a count.
void draw_waiters(const HostPart& part, WaitQueueId queue, const Rect& area);
/// So many squares, the first ones; what does not fit becomes a count at the end.
struct Squares {
  std::uint64_t count;
  Colour colour;
  std::string_view unit;
};
void draw_squares(const PanelContext& context, const Rect& area, const Squares& squares);
/// A titled box; returns the place inside.
Rect draw_box(const PanelContext& context, const Rect& area, std::string_view title, Colour accent);
/// "and 9,950 more", for whatever has no place of its own.
void draw_rest(const PanelContext& context, const Rect& area, std::size_t count, std::string_view what);
/// A bar of which a part is filled, with its text on it.
struct Gauge {
  std::uint64_t filled, whole;
  Colour colour;
  std::string text, more;  // `more` follows where there is room
};
void draw_gauge(const PanelContext& context, const Rect& area, const Gauge& gauge);

}  // namespace stackscope::gui
