#pragma once
// The scenarios that there are, each variant a button that opens it.

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

Wish draw_scenarios(const PanelContext& context, const Rect& area);

/// The same where nothing is open; `open` may be null.
struct BrowserContext {
  Canvas& canvas;
  const Theme& theme;
  const Widgets& widgets;
  ScenarioList& list;
  const OpenRequest* open;
};
Wish draw_browser(const BrowserContext& context, const Rect& area);

}  // namespace stackscope::gui
