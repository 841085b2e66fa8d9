#pragma once
// The hero: a packet's way through the machine, from left to right and then down. Clients and the link, the NIC's rings and its
// interrupt, what each CPU does and in which context, sockets with what waits in them, epoll instances, and the threads.
//
// Everything that a view knows is drawn here, by itself or as part of a heap that says how many it holds.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

Wish draw_path(const PanelContext& context, const Rect& area);

}  // namespace stackscope::gui
