#include "gui/app/effects.hpp"

#include <algorithm>

namespace stackscope::gui {

std::vector<RecordId> effects_of(const Recording& recording, RecordId id) {
  constexpr std::uint64_t kMostLooks = 20'000;
  constexpr std::size_t kMostEffects = 16;
  std::vector<RecordId> effects;
  if (!id || id.value > recording.size()) return effects;
  const std::uint64_t past = std::min(id.value + kMostLooks, recording.size()) + 1;
  for (const RawRecord& record : recording.records(RecordId{id.value + 1}, RecordId{past})) {
    if (record.header.cause != id) continue;
    effects.push_back(record.id);
    if (effects.size() == kMostEffects) break;
  }
  return effects;
}

}  // namespace stackscope::gui
