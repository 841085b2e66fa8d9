#pragma once
// A scenario that runs on a thread of its own, from the engine's making to its end: an engine and its fibers stay on the
// thread that made them, and the window never waits for one.
//
// The thread keeps the recording when the run is over; from then on only the window's thread reads it.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runner/results/run_result.hpp"
#include "runner/scenario/scenario.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope::gui {

class BackgroundRun {
 public:
  /// Where a run ends for the window's sake: what is in memory must fit there.
  static constexpr std::uint64_t kMostRecords = 20'000'000;

  explicit BackgroundRun(ResolvedScenario scenario);
  /// Ends the run where it is, and waits for that.
  ~BackgroundRun();
  BackgroundRun(const BackgroundRun&) = delete;
  BackgroundRun& operator=(const BackgroundRun&) = delete;

  std::uint64_t records() const { return records_.load(std::memory_order_relaxed); }
  Instant now() const { return Instant::ns(now_.load(std::memory_order_relaxed)); }
  bool is_over() const { return is_over_.load(std::memory_order_acquire); }
  /// Stops it where it is; what was recorded until then can be looked at.
  void stop() { is_stopping_.store(true, std::memory_order_relaxed); }
  bool was_stopped() const { return is_stopping_.load(std::memory_order_relaxed); }

  // REQUIRES for all that follow: is_over().
  const std::string& error() const { return error_; }
  /// Null where there was an error.
  const MemoryRecording* recording() const { return recording_; }
  const RunResult& result() const { return result_; }
  /// What the programs printed: the record's time is in the recording.
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  void work();
  void run();
  void wait_for_end();

  const ResolvedScenario scenario_;
  std::atomic<std::uint64_t> records_ = 0;
  std::atomic<std::int64_t> now_ = 0;
  std::atomic<bool> is_over_ = false, is_stopping_ = false;
  const MemoryRecording* recording_ = nullptr;
  std::string error_;
  RunResult result_;
  std::vector<std::string> lines_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool may_end_ = false;
  std::thread thread_;
};

}  // namespace stackscope::gui
