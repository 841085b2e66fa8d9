#pragma once
// What a thread of the real kernel's side tells, kept in the run's shared memory until the run is over, and then told
// through a Trace as the records that the model would tell.
//
// An event carries the function that tells it: all processes of a run are forks of the one that reads the events.
//
// Differs: a record's cause is the one before it of the same thread; who woke whom is told by the scheduler's records alone.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "kernel_model/vocabulary/records.hpp"
#include "measure/arena.hpp"
#include "measure/trace_page.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// An event as it is read again.
struct EventView {
  TaskId task;
  std::span<const std::int64_t> numbers;
  std::string_view text;
};
using TellEvent = void (*)(Trace& trace, const EventView& event, RecordId cause);

class Recorder {
 public:
  /// For one thread. Both must outlive it.
  Recorder(Arena& arena, ThreadSlot& slot) : arena_(arena), slot_(slot) {}

  /// Of this moment. Lost, and counted as lost, where there is no more room. A text longer than a chunk is cut.
  void tell(TellEvent how, std::span<const std::int64_t> numbers, std::string_view text = {});
  void tell(TellEvent how, std::initializer_list<std::int64_t> numbers, std::string_view text = {}) {
    tell(how, std::span(numbers.begin(), numbers.size()), text);
  }
  bool is_on() const { return arena_.records; }

 private:
  std::byte* room(std::uint32_t bytes);

  Arena& arena_;
  ThreadSlot& slot_;
};

/// The task that a slot's thread is in records.
inline TaskId task_of(const ThreadSlot& slot) { return TaskId{slot.ordinal + 1}; }
inline TaskId task_of_slot(std::uint32_t ordinal) { return TaskId{ordinal + 1}; }

/// How often a thread of the run went on, and how often of these a thread of another program had to stop for it.
struct Company {
  std::uint64_t switches = 0, from_others = 0;
};

/// Tells all events of a run in the order of their times; equal times in the order of threads, the scheduler last. Times count
/// from `start_ns`, and what was before it is told as being then. `scheduler`: in the order of times; empty where it was not
/// recorded. REQUIRES: nobody writes events any more.
Company tell_events(const Arena& arena, std::span<const SchedEvent> scheduler, std::int64_t start_ns,
                    Trace& trace);

// --- how each kind is told -----------------------------------------------------------------------------------------------

template <class Which>
void tell_enter(Trace& trace, const EventView& event, RecordId cause) {
  typename Which::Enter record{event.task, {}};
  std::copy_n(event.numbers.begin(), std::min(record.arguments.size(), event.numbers.size()),
              record.arguments.begin());
  trace.emit(record, cause);
}

template <class Which>
void tell_exit(Trace& trace, const EventView& event, RecordId cause) {
  trace.emit(typename Which::Exit{event.task, event.numbers[0]}, cause);
}

}  // namespace stackscope
