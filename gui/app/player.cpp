#include "gui/app/player.hpp"

#include <algorithm>

namespace stackscope::gui {

Player::Player(Timeline& timeline)
    : timeline_(timeline), cursor_(timeline), objects_(timeline.recording().schema()) {}

void Player::seek(RecordId id) {
  target_ = RecordId{std::min(id.value, recording().size())};
  playhead_ = target_ ? recording().at(target_).header.at : Instant();
}

void Player::seek_time(Instant at) {
  seek(RecordId{recording().first_at(at + Duration::ns(1)).value - 1});
  playhead_ = at;
}

bool Player::step(Step step, Direction direction) {
  pause();
  const std::optional<RecordId> found = step_from(recording(), objects_, target_, step, direction);
  if (found) seek(*found);
  return found.has_value();
}

bool Player::advance(double seconds) {
  if (is_playing_ && has_arrived()) {
    const auto passed = static_cast<std::int64_t>(seconds * static_cast<double>(speed_));
    seek_time(playhead_ + Duration::ns(std::max<std::int64_t>(passed, 1)));
    if (is_at_end()) pause();
  }
  if (has_arrived()) return is_playing_;
  cursor_.seek_towards(target_, kFoldsAFrame);
  return true;
}

Marks Player::marks() const {
  Marks marks;
  const std::uint64_t last = position().value;
  for (std::uint64_t age = 0; age < kMarkedRecords && age < last; ++age) {
    for (const ObjectRef& object : objects_.of(recording().at(RecordId{last - age}))) {
      if (object.kind == ObjectKind::kCpu && age > 0)
        continue;  // each record has one: the trail would be everywhere
      marks.emplace(object, static_cast<int>(age));
    }
  }
  return marks;
}

}  // namespace stackscope::gui
