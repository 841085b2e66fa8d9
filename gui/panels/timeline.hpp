#pragma once
// The timeline: a lane for each CPU, thread, epoll instance and socket over the whole recording.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// A click goes to that time and selects the lane; the wheel zooms at the mouse, over the names it scrolls; dragging pans.
/// What is narrower than a few pixels is summed up: a lower bar in the colour of the state that lasts longest, with a count.
Wish draw_timeline(const PanelContext& context, const Rect& area);
/// Its place among the panels of the middle.
std::size_t timeline_panel();

/// The part that is shown shrinks (or grows) by `factor`, around a time; moves by a share of itself; is everything.
void zoom_timeline(TimelineLook& look, const Recording& recording, Instant around, double factor);
void pan_timeline(TimelineLook& look, const Recording& recording, double share);
/// A mark at this time; where there is one, it goes.
void toggle_mark(TimelineLook& look, Instant at);

/// The smallest of 1, 2, 5, 10 … ns of which at most `most` fit into `span`.
Duration tick_for(Duration span, std::int64_t most);

}  // namespace stackscope::gui
