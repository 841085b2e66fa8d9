#pragma once
// A place in a recording that moves: by playing, by steps, by jumps. Long ways are gone a piece a frame, so that the window
// never waits.

#include <optional>

#include "analysis/timeline.hpp"
#include "gui/app/motion.hpp"
#include "gui/app/steps.hpp"
#include "gui/panels/panel.hpp"

namespace stackscope::gui {

class Player {
 public:
  /// Simulated nanoseconds a second of the person's: from 1 µs to real time, tenfold each.
  static constexpr std::int64_t kSlowest = 1'000, kRealTime = 1'000'000'000;
  /// Records that one frame folds at most: a few milliseconds.
  static constexpr std::uint64_t kFoldsAFrame = 20'000;

  /// The timeline must outlive the player.
  explicit Player(Timeline& timeline);

  const SimulationView& view() const { return cursor_.view(); }
  const Recording& recording() const { return timeline_.recording(); }
  const RecordObjects& objects() const { return objects_; }
  RecordId position() const { return cursor_.position(); }
  /// Where it is going; position() when it has arrived.
  RecordId target() const { return target_; }
  bool has_arrived() const { return position() == target_; }
  bool is_at_end() const { return target_.value >= recording().size(); }

  void seek(RecordId id);
  void seek_time(Instant at);
  /// False where there is no such record that way.
  bool step(Step step, Direction direction);

  void play() { is_playing_ = !is_at_end(); }
  void pause() { is_playing_ = false; }
  bool is_playing() const { return is_playing_; }
  std::int64_t speed() const { return speed_; }
  void faster() { speed_ = std::min(speed_ * 10, kRealTime); }
  void slower() { speed_ = std::max(speed_ / 10, kSlowest); }

  /// So much of the person's time has passed. Returns true where the picture changes.
  bool advance(double seconds);

  /// Whether what a single step changes is shown on its way there, for as long as Motion says.
  void set_moves(bool moves) { moves_ = moves; }
  bool is_moving() const { return moves_ && !motion_.is_over(); }
  const Motion& motion() const { return motion_; }
  /// What the last record changed, held on its way: for pictures. Until the next step.
  void hold_motion(double share);

  /// What the last records up to the position touched.
  Marks marks() const;

 private:
  void play_on(double seconds);
  bool is_in_a_hurry() const;
  void go();

  Timeline& timeline_;
  Cursor cursor_;
  RecordObjects objects_;
  RecordId target_;
  bool is_playing_ = false;
  std::int64_t speed_ = 100'000;
  Instant playhead_;  // while it plays: between two records too
  Motion motion_;
  bool moves_ = false;
};

}  // namespace stackscope::gui
