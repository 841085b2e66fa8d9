#include "gui/app/record_search.hpp"

#include <algorithm>

namespace stackscope::gui {

void RecordSearch::look_for(std::string_view text) {
  if (text == text_) return;
  text_ = text, looked_ = 0;
  found_.clear();
}

bool RecordSearch::advance(std::uint64_t most) {
  if (is_over()) return false;
  const std::uint64_t past = std::min(looked_ + most, recording_.size());
  for (const RawRecord& record : recording_.records(RecordId{looked_ + 1}, RecordId{past + 1})) {
    if (recording_.text(record).find(text_) != std::string::npos) found_.push_back(record.id);
  }
  looked_ = past;
  return true;
}

std::optional<RecordId> RecordSearch::next(RecordId from) const {
  const auto after = std::ranges::upper_bound(found_, from);
  return after == found_.end() ? std::nullopt : std::optional(*after);
}

std::optional<RecordId> RecordSearch::previous(RecordId from) const {
  const auto here = std::ranges::lower_bound(found_, from);
  return here == found_.begin() ? std::nullopt : std::optional(*std::prev(here));
}

}  // namespace stackscope::gui
