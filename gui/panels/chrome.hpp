#pragma once
// The window's rim: title, transport, legend, help, tooltip.

#include "gui/app/app.hpp"

namespace stackscope::gui {

struct ChromeContext {
  App& app;
  Canvas& canvas;
  const Theme& theme;
  const Widgets& widgets;

  Registry& registry() const { return app.registry(); }
};

void draw_title(const ChromeContext& context, const Rect& area);
void draw_transport(const ChromeContext& context, const Rect& area);
/// What the colours and shapes mean: one line.
void draw_legend(Canvas& canvas, Registry& registry, const Theme& theme, const Rect& area);
void draw_help(Canvas& canvas, Registry& registry, const Theme& theme, const Rect& window);
/// Beside the mouse: what the object under it is, and what it says.
void draw_tooltip(Canvas& canvas, const Theme& theme, const Registry::Entry& entry, const Rect& window);

}  // namespace stackscope::gui
