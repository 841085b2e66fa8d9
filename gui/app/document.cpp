#include "gui/app/document.hpp"

#include <exception>
#include <filesystem>

#include "runner/name_checks.hpp"
#include "runner/scenario/diagnostic.hpp"

namespace stackscope::gui {

Document::Document(OpenRequest request) : request_(std::move(request)) {
  const std::filesystem::path path(request_.path);
  const bool is_scenario = path.extension() == ".toml";
  name_ = is_scenario ? path.stem().string() : path.filename().string();
  try {
    is_scenario ? open_scenario() : open_recording();
  } catch (const std::exception& error) {
    fail(request_.path + ": " + error.what());
  }
}

void Document::open_scenario() {
  LoadedScenario loaded = load_checked_scenario(request_.path);
  if (!loaded.errors.empty()) return fail(render(loaded.errors));
  scenario_ = std::move(loaded.scenario);
  Resolution resolution = resolve(*scenario_, request_.variant, request_.sets);
  if (!resolution.scenario) return fail(render(resolution.errors));
  resolved_ = std::move(resolution.scenario);
  run_ = std::make_unique<BackgroundRun>(*resolved_);
}

void Document::open_recording() {
  file_ = std::make_unique<RecordingFile>(std::filesystem::path(request_.path));
  if (file_->damage()) error_ = request_.path + ": " + *file_->damage();
  be_ready(*file_);
}

void Document::be_ready(const Recording& recording) {
  recording_ = &recording;
  timeline_ = std::make_unique<Timeline>(recording);
  if (scenario_) moments_ = moments_of(*scenario_, recording);
  state_ = State::kReady;
}

void Document::fail(std::string error) {
  error_ = std::move(error);
  state_ = State::kFailed;
}

bool Document::poll() {
  if (state_ != State::kRunning || !run_->is_over()) return false;
  if (run_->recording() == nullptr) {
    fail(run_->error());
  } else {
    be_ready(*run_->recording());
  }
  return true;
}

}  // namespace stackscope::gui
