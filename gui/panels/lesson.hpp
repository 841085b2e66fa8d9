#pragma once
// The scenario's lesson: a step at a time, each with its moment in the recording, many with a question before it.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

Wish draw_lesson(const PanelContext& context, const Rect& area);

}  // namespace stackscope::gui
