#include "runner/calibrate/step_timer.hpp"

#include <optional>
#include <utility>

namespace stackscope {

namespace {

constexpr std::string_view kEnter = "syscalls:sys_enter_", kExit = "syscalls:sys_exit_";
constexpr std::string_view kWaking = "sched:sched_waking", kWoken = "sched:sched_wakeup";

}  // namespace

StepTimer::StepTimer(Trace& trace) : schema_(trace.schema()) {
  std::vector<bool> is_watched;
  for (const KindSchema& kind : schema_.kinds()) {
    is_watched.push_back(kind.name.starts_with(kEnter) || kind.name.starts_with(kExit) ||
                         kind.name == kWaking || kind.name == kWoken);
  }
  trace.set_observer([this](const RawRecord& record) { observe(record); }, std::move(is_watched));
}

void StepTimer::observe(const RawRecord& record) {
  const KindSchema& kind = schema_.kind(record.header.kind);
  const std::int64_t task = value(kind.fields[0], record), now = record.header.at.count();
  if (kind.name == kWaking || kind.name == kWoken) return calls_.push_back({task, kind.name, now, now});
  std::vector<std::size_t>& own = of_[task];
  if (kind.name.starts_with(kEnter)) {
    own.push_back(calls_.size());
    calls_.push_back({task, std::string_view(kind.name).substr(kEnter.size()), now, now});
  } else if (!own.empty()) {
    calls_[own.back()].returned_ns = now;
  }
}

StepTimes StepTimer::times(const Exercise& exercise) const {
  StepTimes times;
  if (!exercise.round.empty()) add_rounds(exercise.round, times);
  if (!exercise.wake_ups.empty()) add_wake_ups(exercise.wake_ups, times);
  return times;
}

/// Wherever a thread makes the calls of a round and one more.
void StepTimer::add_rounds(std::span<const Step> round, StepTimes& times) const {
  for (const auto& [task, own] : of_) {
    const auto is_round = [&](std::size_t at) {
      for (std::size_t i = 0; i < round.size(); ++i) {
        if (calls_[own[at + i]].name != round[i].call) return false;
      }
      return true;
    };
    for (std::size_t at = 0; at + round.size() < own.size(); ++at) {
      if (!is_round(at)) continue;
      const auto add = [&](std::string_view name, std::size_t first, bool from_return, std::size_t calls) {
        const Call &call = calls_[own[at + first]], &last = calls_[own[at + first + calls]];
        times[std::string(name)].add(last.entered_ns - (from_return ? call.returned_ns : call.entered_ns));
      };
      add("round", 0, round[0].from_return, round.size());
      for (std::size_t i = 0; i < round.size(); ++i)
        if (!round[i].name.empty()) add(round[i].name, i, round[i].from_return, round[i].calls);
    }
  }
}

/// From each write() to the next call of its thread, and to that of another, which it has woken.
void StepTimer::add_wake_ups(std::span<const std::string> names, StepTimes& times) const {
  std::size_t wake_ups = 0;
  std::optional<Call> calling, writing, waking, woken;
  for (const Call& call : calls_) {
    const std::string& which = names[(wake_ups + names.size() - 1) % names.size()];
    const auto add = [&](std::string_view step, const std::optional<Call>& since) {
      if (since) times[std::string(step) + which].add(call.entered_ns - since->entered_ns);
    };
    if (!writing || call.task == writing->task) {
      if (call.name == kWaking || call.name == kWoken) continue;  // by a timer
      add("call_", std::exchange(calling, std::nullopt));
      if (call.name == "write") calling = writing = call, waking = woken = std::nullopt, ++wake_ups;
    } else if (call.name == kWaking) {
      waking = call;
    } else if (call.name == kWoken) {
      woken = call;
      add("woken_", waking);
    } else if (call.name == "read") {
      add("run_", woken);
      add("wake_", writing);
    }
  }
}

}  // namespace stackscope
