#pragma once
// An epoll instance's red-black tree, and its ready, scan and overflow lists.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// Of what is selected (an instance, or an item of one); else of the instance that the last records touched; else the largest.
Wish draw_tree(const PanelContext& context, const Rect& area);

/// The tree alone, small: for the path.
void draw_small_tree(const PanelContext& context, const HostView& host, const EpollView& epoll,
                     const Rect& area);

}  // namespace stackscope::gui
