#include "gui/app/player.hpp"

#include <algorithm>
#include <utility>

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
  if (is_playing_ && has_arrived()) play_on(seconds);
  const bool was_moving = is_moving(), was_back = motion_.is_back();
  if (was_moving) motion_.advance(seconds);
  if (has_arrived()) return was_moving || is_playing_;
  const bool is_one_back = moves_ && target_.value + 1 == position().value;
  if (is_one_back && motion_.is_back()) return true;
  if (is_one_back && !was_back && motion_.is_over()) {
    motion_.begin_back(timeline_.at(target_));
  } else {
    go();
  }
  return true;
}

void Player::play_on(double seconds) {
  const auto passed = static_cast<std::int64_t>(seconds * static_cast<double>(speed_));
  seek_time(playhead_ + Duration::ns(std::max<std::int64_t>(passed, 1)));
  if (is_at_end()) pause();
}

/// The next record comes before this one's change would be over.
bool Player::is_in_a_hurry() const {
  if (!motion_.is_over()) return true;
  if (!is_playing_ || target_.value >= recording().size()) return false;
  const Duration gap =
      recording().at(RecordId{target_.value + 1}).header.at - recording().at(target_).header.at;
  return static_cast<double>(gap.count()) < Motion::kSeconds * static_cast<double>(speed_);
}

void Player::go() {
  const bool is_next = moves_ && target_.value == position().value + 1;
  const bool is_shown = is_next && !is_in_a_hurry();
  std::optional<SimulationView> former;
  if (is_shown) former = view();
  cursor_.seek_towards(target_, kFoldsAFrame);
  if (is_shown) {
    motion_.begin(std::move(*former));
  } else if (is_next && !is_playing_) {
    motion_.skip();
  } else {
    motion_.end();
  }
}

void Player::hold_motion(double share) {
  if (!position()) return;
  motion_.begin(timeline_.at(RecordId{position().value - 1}));
  motion_.advance(share * Motion::kSeconds);
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
