#pragma once
// All panels: which there are, and where.

#include <span>

#include "gui/panels/panel.hpp"

namespace stackscope::gui {

std::span<const Panel> centre_panels();
std::span<const Panel> side_panels();

}  // namespace stackscope::gui
