#include "gui/app/background_run.hpp"

#include <exception>
#include <fmt/format.h>

#include "runner/results/cells.hpp"
#include "runner/results/check_result.hpp"
#include "runner/scenario/diagnostic.hpp"
#include "runner/session.hpp"

namespace stackscope::gui {
BackgroundRun::BackgroundRun(const Scenario& scenario, ResolvedScenario resolved)
    : scenario_(scenario), resolved_(std::move(resolved)), thread_([this] { work(); }) {}

BackgroundRun::~BackgroundRun() {
  is_stopping_.store(true, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    may_end_ = true;
  }
  end_.notify_one();
  thread_.join();
}

void BackgroundRun::work() {
  try {
    run();
  } catch (const std::exception& error) {
    error_ = std::string("internal error: ") + error.what();
  }
  if (!is_over()) {
    is_over_.store(true, std::memory_order_release);
    wait_for_end();
  }
}

void BackgroundRun::run() {
  std::vector<Diagnostic> errors;
  SessionOptions options;
  options.keep = Keep::kMemory;
  const std::unique_ptr<Session> session = Session::open(resolved_, options, errors);
  if (session == nullptr) {
    error_ = render(errors);
    return;
  }
  while (!is_stopping_.load(std::memory_order_relaxed) && session->step()) {
    records_.store(session->records(), std::memory_order_relaxed);
    now_.store(session->now().count(), std::memory_order_relaxed);
    is_cut_off_ = session->records() >= kMostRecords;
    if (is_cut_off_ || is_stopped_.load(std::memory_order_relaxed)) break;
  }
  result_ = session->result();
  session->finish();
  recording_ = &session->recording();
  inspection_ = inspect(*recording_, is_stopping_);
  moments_ = moments_of(scenario_, *recording_);
  is_over_.store(true, std::memory_order_release);
  wait_for_end();
}

std::string BackgroundRun::notice() const {
  if (is_cut_off_)
    return fmt::format("ended here: the window keeps no more than {} records", grouped(kMostRecords));
  if (is_stopped_) return fmt::format("stopped here, after {} records", grouped(recording_->size()));
  return outcome_detail(result_.outcome);
}

// The recording lives in the session, and the session dies where it was born.
void BackgroundRun::wait_for_end() {
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return may_end_; });
}

}  // namespace stackscope::gui
