#pragma once
// How long the steps of an exercise take: read from the records of its calls, which both kernels tell.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/calibrate/exercise.hpp"
#include "runner/metrics.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// How long each step took, each time.
using StepTimes = std::map<std::string, Distribution>;

/// Watches a trace while an exercise runs. The trace must outlive it.
class StepTimer {
 public:
  explicit StepTimer(Trace& trace);
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

  StepTimes times(const Exercise& exercise) const;

 private:
  struct Call {
    std::int64_t task;
    std::string_view name;
    std::int64_t entered_ns, returned_ns;
  };
  void observe(const RawRecord& record);
  void add_rounds(std::span<const Step> round, StepTimes& times) const;
  void add_wake_ups(std::span<const std::string> names, StepTimes& times) const;

  const Schema& schema_;
  std::vector<Call> calls_;                              // in the order in which they were entered
  std::map<std::int64_t, std::vector<std::size_t>> of_;  // those of each thread
};

}  // namespace stackscope
