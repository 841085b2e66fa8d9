#include "gui/app/document.hpp"

#include <chrono>
#include <exception>
#include <filesystem>
#include <fmt/format.h>

#include "gui/draw/units.hpp"
#include "runner/name_checks.hpp"
#include "runner/results/cells.hpp"
#include "runner/scenario/diagnostic.hpp"

namespace stackscope::gui {

Document::Document(OpenRequest request, std::uint64_t expected)
    : request_(std::move(request)), expected_(expected) {
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
  run_ = std::make_unique<BackgroundRun>(*scenario_, *resolved_);
}

void Document::open_recording() {
  opening_ = std::async(std::launch::async, [this] {
    auto file = std::make_unique<RecordingFile>(std::filesystem::path(request_.path));
    Inspection inspection = inspect(*file, is_stopping_);
    return OpenedFile{std::move(file), std::move(inspection)};
  });
}

void Document::be_ready(const Recording& recording, const Inspection& inspection) {
  if (!inspection.damage.empty()) return fail(request_.path + ": " + inspection.damage);
  recording_ = &recording;
  has_wire_ = inspection.has_wire;
  timeline_ = std::make_unique<Timeline>(recording);
  state_ = State::kReady;
}

void Document::fail(std::string error) {
  error_ = std::move(error);
  state_ = State::kFailed;
}

Document::Progress Document::progress() const {
  if (!run_) return {0, "reading " + name_};
  const Duration most = resolved_->limits.until, now = run_->now() - Instant{};
  const std::string so_far =
      fmt::format("{} records, {} simulated", grouped(run_->records()), short_time(now));
  if (expected_ > 0) {
    const double share = static_cast<double>(run_->records()) / static_cast<double>(expected_);
    return {std::min(share, 1.0), fmt::format("{}; {} before", so_far, grouped(expected_))};
  }
  if (most == Duration::max()) return {0, so_far};
  return {static_cast<double>(now.count()) / static_cast<double>(most.count()),
          fmt::format("{}, of {} at most", so_far, short_time(most))};
}

bool Document::is_opened() const {
  if (run_) return run_->is_over();
  return opening_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void Document::take_over() {
  if (!run_) {
    OpenedFile opened = opening_.get();
    file_ = std::move(opened.file);
    if (file_->damage()) notice_ = *file_->damage();
    return be_ready(*file_, opened.inspection);
  }
  if (run_->recording() == nullptr) return fail(run_->error());
  notice_ = run_->notice();
  be_ready(*run_->recording(), run_->inspection());
}

bool Document::poll() {
  if (state_ != State::kRunning || !is_opened()) return false;
  try {
    take_over();
  } catch (const std::exception& error) {
    fail(request_.path + ": " + error.what());
  }
  return true;
}

}  // namespace stackscope::gui
