#include "gui/app/background_run.hpp"

#include <exception>

#include "runner/scenario/diagnostic.hpp"
#include "runner/session.hpp"

namespace stackscope::gui {
namespace {

constexpr std::uint64_t kSlice = 5'000;  // records between two looks at whether to stop

}  // namespace

BackgroundRun::BackgroundRun(ResolvedScenario scenario)
    : scenario_(std::move(scenario)), thread_([this] { work(); }) {}

BackgroundRun::~BackgroundRun() {
  stop();
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
  options.on_line = [this](int, std::string_view line) { lines_.emplace_back(line); };
  const std::unique_ptr<Session> session = Session::open(scenario_, options, errors);
  if (session == nullptr) {
    error_ = render(errors);
    return;
  }
  while (!is_stopping_.load(std::memory_order_relaxed) && session->records() < kMostRecords) {
    const bool goes_on = session->run_to_record(session->records() + kSlice);
    records_.store(session->records(), std::memory_order_relaxed);
    now_.store(session->now().count(), std::memory_order_relaxed);
    if (!goes_on) break;
  }
  result_ = session->result();
  session->finish();
  recording_ = &session->recording();
  is_over_.store(true, std::memory_order_release);
  wait_for_end();
}

// The recording lives in the session, and the session dies where it was born.
void BackgroundRun::wait_for_end() {
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return may_end_; });
}

}  // namespace stackscope::gui
