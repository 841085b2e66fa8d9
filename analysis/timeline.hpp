#pragma once
// A recording to walk about in: the view at any record, forwards and backwards.
//
// Going back is folding from the nearest view that was kept. Views are kept every few thousand records on the way; where
// they become too many or too large, every second one is given up and the distance doubles.
//
// The recording may still grow: what is asked for is bounded by its size at that moment.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>

#include "analysis/simulation_view.hpp"
#include "sim/recording.hpp"

namespace stackscope {

/// Kept views of a recording.
class Timeline {
 public:
  struct Options {
    std::uint64_t every = 4096;  // records from one kept view to the next, at first
    std::size_t most_views = 512;
    std::size_t most_bytes = 256U << 20;  // of pages that kept views do not share
  };

  /// The recording must outlive the timeline.
  explicit Timeline(const Recording& recording) : Timeline(recording, Options()) {}
  Timeline(const Recording& recording, Options options);

  const Recording& recording() const { return recording_; }
  /// The state after record `id`; RecordId{} is the state before the first one. An id beyond the end means the end.
  /// Throws RecordingError where a part of the recording on the way is damaged.
  SimulationView at(RecordId id) { return moved(nearest(id), id); }
  /// The same, folding on from `view` where that is the shorter way. REQUIRES: `view` is of this timeline.
  void move(SimulationView& view, RecordId id);
  /// The same, but folds `most` records at most; false where it is not there yet. For whoever must not block.
  bool move_towards(SimulationView& view, RecordId id, std::uint64_t most);

  std::uint64_t distance() const { return every_; }
  std::size_t kept_views() const { return kept_.size(); }
  std::size_t kept_bytes() const { return bytes_; }

 private:
  struct Kept {
    SimulationView view;
    std::size_t bytes;  // that it does not share with the one before
  };
  RecordId bounded(RecordId id) const { return std::min(id, RecordId{recording_.size()}); }
  SimulationView nearest(RecordId id) const;
  SimulationView moved(SimulationView view, RecordId id);
  void fold_to(SimulationView& view, RecordId id);
  void keep(const SimulationView& view);
  void thin_out();

  const Recording& recording_;
  Options options_;
  std::uint64_t every_;
  std::size_t bytes_ = 0;
  std::map<std::uint64_t, Kept> kept_;  // by their last record
};

/// A place in a timeline, and the view there.
class Cursor {
 public:
  using Predicate = std::function<bool(const RawRecord&)>;

  explicit Cursor(Timeline& timeline);

  /// The state after the record at which the cursor stands.
  const SimulationView& view() const { return view_; }
  RecordId position() const { return view_.run.last; }
  bool is_at_end() const { return position().value >= timeline_.recording().size(); }

  void seek(RecordId id) { timeline_.move(view_, id); }
  /// Folds `most` records at most; false where it is not there yet, and the next call goes on.
  bool seek_towards(RecordId id, std::uint64_t most) { return timeline_.move_towards(view_, id, most); }
  /// After the last record that is not later than `time`.
  void seek_time(Instant time);
  /// So many records on, or back; stops at both ends.
  void step(std::int64_t records);

  /// To the next (previous) record that is so. Returns false, and stays, where there is none.
  bool next(const Predicate& is_wanted);
  bool previous(const Predicate& is_wanted);
  bool next_of_kind(std::string_view name);
  bool previous_of_kind(std::string_view name);

 private:
  Timeline& timeline_;
  SimulationView view_;
};

}  // namespace stackscope
