#pragma once
// What is open in the window: a scenario's variant, being run or run, or a recording from a file.

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/timeline.hpp"
#include "gui/app/background_run.hpp"
#include "runner/scenario/scenario.hpp"
#include "sim/recording_file.hpp"

namespace stackscope::gui {

/// What to open.
struct OpenRequest {
  std::string path;  // a scenario (.toml) or a recording
  std::string variant = std::string(kBaseline);
  std::vector<std::string> sets = {};  // "PATH=VALUE", as --set has them: scenarios only
};

class Document {
 public:
  enum class State : std::uint8_t { kRunning, kReady, kFailed };  // a recording that is being read runs, too

  /// Never throws: what is wrong is the document's error.
  /// `expected`: how many records it had when it was open before; 0: not known.
  explicit Document(OpenRequest request, std::uint64_t expected = 0);
  ~Document() { is_stopping_ = true; }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Looks whether a run is over. Returns true where the state changed.
  bool poll();
  State state() const { return state_; }
  /// How far what is running is, from 0 to 1, and in words.
  struct Progress {
    double share;
    std::string text;
  };
  Progress progress() const;
  /// A run ends where it is; what is recorded so far is shown. A file that is being read is read on.
  void stop() {
    if (run_) run_->stop();
  }
  const OpenRequest& request() const { return request_; }
  /// "thundering_herd", or the recording's file name.
  const std::string& name() const { return name_; }
  /// Why it failed: several lines, with place and reason.
  const std::string& error() const { return error_; }
  /// What must be known of a document that is ready: a recording that is cut off, a run that did not come to its end.
  const std::string& notice() const { return notice_; }

  /// Null for a recording.
  const Scenario* scenario() const { return scenario_ ? &*scenario_ : nullptr; }
  const ResolvedScenario* resolved() const { return resolved_ ? &*resolved_ : nullptr; }
  /// Null for a recording.
  BackgroundRun* run() const { return run_.get(); }

  // REQUIRES: kReady.
  const Recording& recording() const { return *recording_; }
  Timeline& timeline() { return *timeline_; }
  /// One for each step of the scenario. REQUIRES: not a recording.
  const std::vector<StepMoment>& moments() const { return run_->moments(); }
  /// Frames cross a link or a NIC's ring somewhere.
  bool has_wire() const { return has_wire_; }

 private:
  void open_scenario();
  void open_recording();
  bool is_opened() const;
  void take_over();
  void be_ready(const Recording& recording, const Inspection& inspection);
  void fail(std::string error);

  OpenRequest request_;
  std::uint64_t expected_;
  State state_ = State::kRunning;
  std::string name_, error_, notice_;
  std::atomic<bool> is_stopping_ = false;
  std::optional<Scenario> scenario_;
  std::optional<ResolvedScenario> resolved_;
  std::unique_ptr<BackgroundRun> run_;
  struct OpenedFile {
    std::unique_ptr<RecordingFile> file;
    Inspection inspection;
  };
  std::future<OpenedFile> opening_;  // waits, when it is destroyed, for the walk that is_stopping_ ends
  std::unique_ptr<RecordingFile> file_;
  const Recording* recording_ = nullptr;
  std::unique_ptr<Timeline> timeline_;
  bool has_wire_ = false;
};

}  // namespace stackscope::gui
