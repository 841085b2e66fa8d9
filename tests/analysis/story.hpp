#pragma once
// Records told through a real trace into a real recording, and the view that they add up to.

#include <cstdint>
#include <string_view>

#include "analysis/simulation_view.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/memory_recording.hpp"
#include "sim/trace.hpp"

namespace stackscope::testing {

class Story {
 public:
  Story() : schema_(Schema::of<Records>()), trace_(moment_, schema_, recording_), view_(schema_) {}

  template <class R>
  RecordId tell(const R& record) {
    const RecordId id = trace_.emit(record);
    view_.apply(recording_.at(id));
    return id;
  }
  Story& on(std::uint8_t host, std::uint8_t cpu = Place::kNoCpu) {
    return moment_.place = {host, cpu}, *this;
  }
  Story& later(std::int64_t ns = 1) { return moment_.now += Duration::ns(ns), *this; }
  StringId text(std::string_view words) { return trace_.intern(words); }
  /// A host with CPUs, and from here on its first CPU speaks.
  Story& host(std::uint8_t number, std::uint8_t cpus) {
    on(number).tell(HostStarted{text("host"), cpus, 250});
    return on(number, cpus > 0 ? 0 : Place::kNoCpu);
  }

  Trace& trace() { return trace_; }
  Instant now() const { return moment_.now; }
  const Schema& schema() const { return schema_; }
  const MemoryRecording& recording() const { return recording_; }
  const SimulationView& view() const { return view_; }
  const HostView& at(std::uint8_t host) const { return *view_.hosts.find(host); }
  std::uint64_t problems() const { return view_.run.problems; }

 private:
  Moment moment_;
  Schema schema_;
  MemoryRecording recording_;
  Trace trace_;
  SimulationView view_;
};

/// Knuth's MMIX generator; its high bits are good enough to choose with.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) { below(2); }
  std::uint64_t below(std::uint64_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % limit;
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace stackscope::testing
