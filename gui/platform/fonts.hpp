#pragma once
// Fonts from Debian's packages, through FreeType.

#include "gui/draw/canvas.hpp"

namespace stackscope::gui {

/// Rasterises the four faces for a scale into ImGui's atlas. Where a font is not installed ImGui's own takes its place.
Fonts load_fonts(float scale);

}  // namespace stackscope::gui
