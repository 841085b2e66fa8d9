#pragma once
// The records around the cursor, those of them that a filter lets through.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// The list is searched from the cursor outwards, so it costs the same however long the recording is. A filter is a part of a
/// record's text; "@" stands for what is selected. A click goes there.
Wish draw_records(const PanelContext& context, const Rect& area);

/// System calls as strace prints them: a line for each return, in the order of their returns.
Wish draw_calls(const PanelContext& context, const Rect& area);

}  // namespace stackscope::gui
