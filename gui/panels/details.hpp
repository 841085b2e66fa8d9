#pragma once
// Every field of what is selected, with its sentence and the kernel source where it lives.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// Without a selection: the record at which the cursor stands. Its cause can be clicked: the way back.
Wish draw_details(const PanelContext& context, const Rect& area);

/// What a kind of object is, and its kernel source: for details and for tooltips.
struct Explanation {
  const char* sentence;
  const char* linux_source;
};
Explanation explanation_of(ObjectKind kind);

}  // namespace stackscope::gui
