#pragma once
// What can be turned: the variants, and every parameter of hosts, links and programs. A change runs the scenario anew at once, and the
// results stand beside those before.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

Wish draw_knobs(const PanelContext& context, const Rect& area);

}  // namespace stackscope::gui
