#pragma once
// What is open in the window: a scenario's variant, being run or run, or a recording from a file.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/timeline.hpp"
#include "gui/app/background_run.hpp"
#include "runner/scenario/scenario.hpp"
#include "runner/session_lesson.hpp"
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
  enum class State : std::uint8_t { kRunning, kReady, kFailed };

  /// Never throws: what is wrong is the document's error.
  explicit Document(OpenRequest request);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Looks whether a run is over. Returns true where the state changed.
  bool poll();
  State state() const { return state_; }
  const OpenRequest& request() const { return request_; }
  /// "thundering_herd", or the recording's file name.
  const std::string& name() const { return name_; }
  /// Several lines, with place and reason; empty where nothing is wrong. A ready document may have one as well: a recording
  /// that is cut off opens as far as it is whole.
  const std::string& error() const { return error_; }

  /// Null for a recording.
  const Scenario* scenario() const { return scenario_ ? &*scenario_ : nullptr; }
  const ResolvedScenario* resolved() const { return resolved_ ? &*resolved_ : nullptr; }
  /// Null for a recording.
  BackgroundRun* run() const { return run_.get(); }

  // REQUIRES: kReady.
  const Recording& recording() const { return *recording_; }
  Timeline& timeline() { return *timeline_; }
  /// One for each step of the scenario; none for a recording.
  const std::vector<Moment>& moments() const { return moments_; }

 private:
  void open_scenario();
  void open_recording();
  void be_ready(const Recording& recording);
  void fail(std::string error);

  OpenRequest request_;
  State state_ = State::kRunning;
  std::string name_, error_;
  std::optional<Scenario> scenario_;
  std::optional<ResolvedScenario> resolved_;
  std::unique_ptr<BackgroundRun> run_;
  std::unique_ptr<RecordingFile> file_;
  const Recording* recording_ = nullptr;
  std::unique_ptr<Timeline> timeline_;
  std::vector<Moment> moments_;
};

}  // namespace stackscope::gui
