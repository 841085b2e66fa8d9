#pragma once
// SDL's events as ours.

#include <vector>

#include "gui/platform/input.hpp"

union SDL_Event;

namespace stackscope::gui {

/// None where the event means nothing to us.
std::vector<InputEvent> translate(const SDL_Event& event);

}  // namespace stackscope::gui
