#pragma once
// What a record caused: the way on, as causes are the way back.

#include <vector>

#include "sim/recording.hpp"

namespace stackscope::gui {

/// The first records whose cause is `id`, in order. Looks no further than is paid for in one frame.
std::vector<RecordId> effects_of(const Recording& recording, RecordId id);

}  // namespace stackscope::gui
