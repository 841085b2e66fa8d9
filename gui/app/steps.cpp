#include "gui/app/steps.hpp"

namespace stackscope::gui {
namespace {

bool is_wanted(const RecordObjects& objects, const RawRecord& record, Step step) {
  switch (step) {
    case Step::kPacket:
      return objects.is_about_packet(record);
    case Step::kCall:
      return objects.is_call_entry(record) || objects.is_call_exit(record);
    case Step::kWakeUp:
      return objects.is_waking(record);
    case Step::kDrop:
      return objects.is_drop(record);
    case Step::kRecord:
    case Step::kEvent:
      return true;
  }
  return true;
}

RecordId last_of_moment(const Recording& recording, RecordId id) {
  return RecordId{recording.first_at(recording.at(id).header.at + Duration::ns(1)).value - 1};
}

std::optional<RecordId> event_from(const Recording& recording, RecordId from, Direction direction) {
  if (direction == Direction::kOn) {
    if (from.value >= recording.size()) return std::nullopt;
    return last_of_moment(recording, RecordId{from.value + 1});
  }
  if (!from) return std::nullopt;
  return RecordId{recording.first_at(recording.at(from).header.at).value - 1};
}

std::optional<RecordId> wanted_after(const Recording& recording, const RecordObjects& objects, RecordId from,
                                     Step step) {
  for (const RawRecord& record :
       recording.records(RecordId{from.value + 1}, RecordId{recording.size() + 1})) {
    if (is_wanted(objects, record, step)) return record.id;
  }
  return std::nullopt;
}

std::optional<RecordId> wanted_before(const Recording& recording, const RecordObjects& objects, RecordId from,
                                      Step step) {
  for (std::uint64_t id = from.value; id > 1;) {
    if (is_wanted(objects, recording.at(RecordId{--id}), step)) return RecordId{id};
  }
  if (step == Step::kRecord && from.value == 1) return RecordId{};
  return std::nullopt;
}

}  // namespace

std::optional<RecordId> step_from(const Recording& recording, const RecordObjects& objects, RecordId from,
                                  Step step, Direction direction) {
  if (step == Step::kEvent) return event_from(recording, from, direction);
  return direction == Direction::kOn ? wanted_after(recording, objects, from, step)
                                     : wanted_before(recording, objects, from, step);
}

}  // namespace stackscope::gui
