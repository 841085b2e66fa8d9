// Where steps lead, on a run that is small enough to count.

#include "gui/app/steps.hpp"
#include "tests/gui/stage.hpp"

namespace stackscope::gui {
namespace {

TEST_CASE("Each kind of step stops where it says, both ways") {
  TestStage stage;
  stage.open("scenarios/first_request.toml");
  const Recording& recording = stage.player().recording();
  const RecordObjects& objects = stage.player().objects();
  const auto name = [&](RecordId id) { return recording.schema().kind(recording.at(id).header.kind).name; };

  const auto call = step_from(recording, objects, RecordId{}, Step::kCall, Direction::kOn);
  REQUIRE(call);
  CHECK(name(*call).starts_with("syscalls:sys_e"));

  const auto waking = step_from(recording, objects, *call, Step::kWakeUp, Direction::kOn);
  REQUIRE(waking);
  CHECK(name(*waking) == "sched:sched_waking");

  const auto packet = step_from(recording, objects, *waking, Step::kPacket, Direction::kOn);
  REQUIRE(packet);
  CHECK(objects.is_about_packet(recording.at(*packet)));
  const auto before = step_from(recording, objects, *packet, Step::kWakeUp, Direction::kBack);
  REQUIRE(before);
  CHECK(*before >= *waking);

  // An event: everything of one moment, and no more.
  const auto event = step_from(recording, objects, *waking, Step::kEvent, Direction::kOn);
  REQUIRE(event);
  CHECK(event->value < recording.size());
  CHECK(recording.at(*event).header.at < recording.at(RecordId{event->value + 1}).header.at);

  CHECK(step_from(recording, objects, RecordId{1}, Step::kRecord, Direction::kBack) == RecordId{});
  CHECK(step_from(recording, objects, RecordId{}, Step::kRecord, Direction::kBack) == std::nullopt);
  CHECK(step_from(recording, objects, RecordId{recording.size()}, Step::kRecord, Direction::kOn) ==
        std::nullopt);
  CHECK(step_from(recording, objects, RecordId{}, Step::kDrop, Direction::kOn) == std::nullopt);
}

}  // namespace
}  // namespace stackscope::gui
