#pragma once
// What each CPU, thread, epoll instance and socket did over a whole recording: its states in the order of time. Taken from
// the views, so that a lane and a panel never say different things.
//
// Built a piece a frame. A lane's object is looked at after each record that names it: that is where a view may change.

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "analysis/simulation_view.hpp"
#include "gui/app/record_objects.hpp"
#include "sim/recording.hpp"

namespace stackscope::gui {

enum class LaneState : std::uint8_t { kNone, kAsleep, kRunnable, kUser, kKernel, kSoftirq, kHardirq, kData };
inline constexpr std::size_t kLaneStates = 8;
/// "asleep", "softirq" …; kData is data that nobody read yet, or an epoll instance's items that are listed as ready.
std::string_view name_of(LaneState state);

/// Of a CPU its innermost context, of a thread what the scheduler and its calls say; kNone where there is no such object.
LaneState state_of(const SimulationView& view, const ObjectRef& object);

class Lane {
 public:
  struct Interval {
    Instant begin;
    RecordId began;  // the record that changed the state
    LaneState state{};
  };
  /// What a stretch of time amounts to, where there is no room for its intervals.
  struct Summary {
    LaneState longest{};    // the state that lasts longest in it, where possible one that is awake
    std::size_t begun = 0;  // intervals that begin in it
  };

  /// The state after a record. REQUIRES: records in order.
  void add(const RawRecord& record, LaneState state);

  const std::vector<Interval>& intervals() const { return intervals_; }
  /// The interval at a time, the last one of those that begin then; intervals().size() before the first.
  std::size_t at(Instant time) const;
  LaneState state_after(RecordId id) const;
  /// Of [from, to); costs the same however many intervals lie there.
  Summary over(Instant from, Instant to) const;

 private:
  static constexpr std::size_t kBlock = 16;
  using Sums = std::array<std::int64_t, kLaneStates>;  // nanoseconds in each state
  Sums until(Instant time) const;

  std::vector<Interval> intervals_;
  std::vector<Sums> sums_;  // before each kBlock-th interval
};

class Lanes {
 public:
  /// Both must outlive the lanes.
  Lanes(const Recording& recording, const RecordObjects& objects);

  /// Takes in so many records at most. False where there was nothing left to do.
  bool advance(std::uint64_t most);
  bool is_whole() const { return view_.run.last.value >= recording_.size(); }
  RecordId position() const { return view_.run.last; }
  /// CPUs, then threads, epoll instances and sockets.
  const std::map<ObjectRef, Lane>& all() const { return lanes_; }

 private:
  const Recording& recording_;
  const RecordObjects& objects_;
  SimulationView view_;
  std::map<ObjectRef, Lane> lanes_;
};

}  // namespace stackscope::gui
