// Lanes say of every moment what the views say; where they are summed up, the sum is right.

#include "gui/app/lanes.hpp"
#include "gui/panels/timeline.hpp"
#include "tests/gui/stage.hpp"

namespace stackscope::gui {
namespace {

void compare_with_views(TestStage& stage) {
  const Recording& recording = stage.player().recording();
  Lanes lanes(recording, stage.player().objects());
  while (lanes.advance(1'000)) {
  }
  REQUIRE(lanes.is_whole());
  SimulationView view(recording.schema());
  for (const RawRecord& record : recording.records()) {
    view.apply(record);
    for (const auto& [object, lane] : lanes.all()) {
      if (record.id < lane.intervals().front().began) continue;
      INFO(text_of(object, true) << " after record " << record.id.value);
      REQUIRE(lane.state_after(record.id) == state_of(view, object));
    }
  }
}

TEST_CASE("After every record a lane's state is the view's") {
  TestStage stage;
  stage.open("scenarios/first_request.toml", "two-cpus");
  compare_with_views(stage);
  stage.open("scenarios/thundering_herd.toml");
  compare_with_views(stage);
}

RawRecord record(std::uint64_t id, std::int64_t at) {
  RawRecord made;
  made.id = RecordId{id}, made.header.at = Instant::ns(at);
  return made;
}

TEST_CASE("A summary names the state that lasts longest while awake, over as many intervals as there are") {
  Lane lane;
  for (std::uint64_t i = 0; i < 100; ++i) {  // 3 ns asleep, 7 ns in user mode, and again
    const auto at = static_cast<std::int64_t>(i) * 10 + 100;
    lane.add(record(2 * i + 1, at), LaneState::kAsleep);
    lane.add(record(2 * i + 2, at + 3), LaneState::kUser);
  }
  CHECK(lane.intervals().size() == 200);
  CHECK(lane.at(Instant::ns(99)) == 200);
  CHECK(lane.at(Instant::ns(103)) == 1);
  const auto over = [&](std::int64_t from, std::int64_t to) {
    return lane.over(Instant::ns(from), Instant::ns(to));
  };
  CHECK(over(100, 1'100).longest == LaneState::kUser);
  CHECK(over(100, 1'100).begun == 200);
  CHECK(over(260, 263).longest == LaneState::kAsleep);
  CHECK(over(260, 264).longest == LaneState::kUser);  // for 1 ns of 4: being awake is what one looks for
  CHECK(over(260, 264).begun == 2);
  CHECK(over(0, 50).longest == LaneState::kNone);
}

TEST_CASE("Ticks stand at 1, 2 and 5") {
  CHECK(tick_for(Duration::ns(1'000), 10) == Duration::ns(100));
  CHECK(tick_for(Duration::ns(1'001), 10) == Duration::ns(200));
  CHECK(tick_for(Duration::ns(4'000), 10) == Duration::ns(500));
  CHECK(tick_for(Duration::ns(3), 10) == Duration::ns(1));
}

TEST_CASE("The timeline stays small at every zoom") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  stage.seek(stage.player().recording().size() / 2);
  stage.app().look().centre = timeline_panel();
  while (!stage.app().is_settled()) stage.app().advance(0);
  for (int i = 0; i < 30; ++i) {
    stage.frame();
    REQUIRE(stage.app().registry().find("lane cpu 0") != nullptr);
    CHECK(stage.app().primitives() < 20'000);
    zoom_timeline(stage.app().look().timeline, stage.player().recording(), stage.view().run.now, 0.5);
  }
}

}  // namespace
}  // namespace stackscope::gui
