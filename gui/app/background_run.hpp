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

#include "gui/app/inspection.hpp"
#include "runner/results/run_result.hpp"
#include "runner/scenario/scenario.hpp"
#include "runner/session_lesson.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope::gui {

class BackgroundRun {
 public:
  /// Where a run ends for the window's sake: what is in memory must fit there.
  static constexpr std::uint64_t kMostRecords = 20'000'000;

  /// `scenario` is what `resolved` was resolved from: its lesson's moments are found when the run is over. It must outlive the run.
  BackgroundRun(const Scenario& scenario, ResolvedScenario resolved);
  /// Ends the run where it is, and waits for that.
  ~BackgroundRun();
  BackgroundRun(const BackgroundRun&) = delete;
  BackgroundRun& operator=(const BackgroundRun&) = delete;

  /// Ends the run where it is: what is recorded so far remains.
  void stop() { is_stopped_.store(true, std::memory_order_relaxed); }
  std::uint64_t records() const { return records_.load(std::memory_order_relaxed); }
  Instant now() const { return Instant::ns(now_.load(std::memory_order_relaxed)); }
  bool is_over() const { return is_over_.load(std::memory_order_acquire); }

  // REQUIRES for all that follow: is_over().
  const std::string& error() const { return error_; }
  /// Null where there was an error.
  const MemoryRecording* recording() const { return recording_; }
  const RunResult& result() const { return result_; }
  const Inspection& inspection() const { return inspection_; }
  const std::vector<StepMoment>& moments() const { return moments_; }
  /// Why the run did not come to its own end; empty where it did.
  std::string notice() const;

 private:
  void work();
  void run();
  void wait_for_end();

  const Scenario& scenario_;
  const ResolvedScenario resolved_;
  std::atomic<std::uint64_t> records_ = 0;
  std::atomic<std::int64_t> now_ = 0;
  std::atomic<bool> is_over_ = false, is_stopping_ = false, is_stopped_ = false;
  const MemoryRecording* recording_ = nullptr;
  std::string error_;
  RunResult result_;
  Inspection inspection_;
  std::vector<StepMoment> moments_;
  bool is_cut_off_ = false;
  std::mutex mutex_;
  std::condition_variable end_;
  bool may_end_ = false;
  std::thread thread_;
};

}  // namespace stackscope::gui
