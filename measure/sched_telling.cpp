#include "measure/sched_telling.hpp"

#include <algorithm>

namespace stackscope {

namespace {

/// Linux: include/trace/events/sched.h __trace_sched_switch_state(), fs/proc/array.c task_state_array
TaskState state_of(std::int64_t prev_state) {
  constexpr std::int64_t kReported = 0xff, kDeadOrZombie = 0x10 | 0x20;
  if ((prev_state & kReported) == 0) return TaskState::kRunning;
  return (prev_state & kDeadOrZombie) != 0 ? TaskState::kDead : TaskState::kSleeping;
}

}  // namespace

SchedTelling::SchedTelling(const Arena& arena, std::span<const SchedEvent> events, std::int64_t start_ns,
                           std::vector<RecordId>& latest, Trace& trace)
    : events_(events), start_ns_(start_ns), latest_(latest), trace_(trace) {
  for (std::uint32_t i = 0; i < arena.thread_count(); ++i) {
    const ThreadSlot& slot = arena.thread[i];
    const int tid = slot.host_tid.load(std::memory_order_acquire);
    const std::int64_t ended = slot.ended_ns.load(std::memory_order_acquire);
    if (tid > 0) threads_[tid] = {.ordinal = i, .ended_ns = ended != 0 ? ended : INT64_MAX};
  }
}

void SchedTelling::tell_until(std::int64_t at_ns) {
  for (; !events_.empty() && events_.front().at_ns < at_ns; events_ = events_.subspan(1))
    tell(events_.front());
}

/// Null for a thread of others, for one that has told nothing yet, and for one that is gone.
SchedTelling::Known* SchedTelling::find(std::int32_t tid) {
  const auto found = threads_.find(tid);
  const bool is_known =
      found != threads_.end() && !found->second.is_gone && latest_[found->second.ordinal] != RecordId{};
  return is_known ? &found->second : nullptr;
}

RecordId SchedTelling::latest_of(std::int32_t tid) {
  const Known* const thread = find(tid);
  return thread != nullptr ? latest_[thread->ordinal] : RecordId{};
}

void SchedTelling::tell(const SchedEvent& event) {
  trace_.moment().now = Instant::ns(std::max<std::int64_t>(event.at_ns - start_ns_, 0));
  trace_.moment().place = Place{1, event.cpu};
  if (event.kind == SchedEvent::Kind::kSwitch) return tell_switch(event);
  Known* const woken = find(event.task);
  if (woken == nullptr || event.at_ns >= woken->ended_ns) return;
  const TaskId task = task_of_slot(woken->ordinal);
  if (event.kind == SchedEvent::Kind::kWaking) {
    woken->waking = trace_.emit(SchedWaking{task, event.target_cpu}, latest_of(event.by));
  } else {
    woken->wakeup = trace_.emit(SchedWakeup{task, event.target_cpu}, woken->waking);
  }
}

/// Its cause is the wake-up of whoever goes on, or what the one that stops did last.
void SchedTelling::tell_switch(const SchedEvent& event) {
  Known* const prev = find(event.task);
  Known* const next = find(event.next);
  if (prev == nullptr && next == nullptr) return;
  const auto task_of_known = [](const Known* thread) {
    return thread != nullptr ? task_of_slot(thread->ordinal) : TaskId{};
  };
  TaskState state = prev != nullptr ? state_of(event.prev_state) : TaskState::kRunning;
  if (prev != nullptr && event.at_ns >= prev->ended_ns) {
    prev->is_gone = true;
    state = TaskState::kDead;
  }
  if (next != nullptr) {
    ++company_.switches;
    company_.from_others += event.task != 0 && !threads_.contains(event.task) ? 1 : 0;
  }
  const RecordId cause = next != nullptr ? next->wakeup : latest_of(event.task);
  trace_.emit(SchedSwitch{task_of_known(prev), state, task_of_known(next)}, cause);
}

}  // namespace stackscope
