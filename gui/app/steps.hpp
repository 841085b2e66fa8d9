#pragma once
// Where a step leads: pure functions over a recording.

#include <optional>
#include <string_view>

#include "gui/app/record_objects.hpp"
#include "sim/recording.hpp"

namespace stackscope::gui {

enum class Step : std::uint8_t {
  kRecord,  // one record
  kEvent,   // to the last record of the next moment at which something happens
  kPacket,  // the next record about a packet
  kCall,    // the next entry into or return from a system call
  kWakeUp,  // the next sched_waking
  kDrop,    // the next packet that is lost
};
inline constexpr std::size_t kSteps = 6;
constexpr std::string_view name_of(Step step) {
  constexpr std::string_view kNames[] = {"record", "event", "packet", "system call", "wake-up", "drop"};
  return static_cast<std::size_t>(step) < kSteps ? kNames[static_cast<std::size_t>(step)]
                                                 : std::string_view{};
}

enum class Direction : std::int8_t { kBack = -1, kOn = 1 };

/// The record at which such a step from `from` ends; nothing where there is none. RecordId{} is the place before the first
/// record: stepping back by records or events may lead there.
std::optional<RecordId> step_from(const Recording& recording, const RecordObjects& objects, RecordId from,
                                  Step step, Direction direction);

}  // namespace stackscope::gui
