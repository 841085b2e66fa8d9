#pragma once
// The command palette's picture: a field, and what was found under it.

#include "gui/app/palette.hpp"
#include "gui/panels/chrome.hpp"

namespace stackscope::gui {

/// Over everything else. REQUIRES: the palette is open.
void draw_palette(const ChromeContext& context, Palette& palette, const Rect& window);

}  // namespace stackscope::gui
