#pragma once
// One walk over a recording before it is shown, on the thread that opened it: whether it can be trusted, and what the picture
// must know beforehand.

#include <atomic>
#include <string>

#include "sim/recording.hpp"

namespace stackscope::gui {

struct Inspection {
  bool has_wire = false;  // frames cross a link or a NIC's ring somewhere: what is not used takes no room
  std::string damage;  // why it cannot be shown; empty where every record can be read, with what it refers to
};

/// Reads every record: its chunk is whole, its cause lies before it, its strings exist. Ends early where `stop` is set.
Inspection inspect(const Recording& recording, const std::atomic<bool>& stop);

}  // namespace stackscope::gui
