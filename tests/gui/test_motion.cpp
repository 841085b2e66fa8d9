// A step is shown on its way: the picture lies between those of the two views, and ends as the one after.

#include <algorithm>

#include "tests/gui/stage.hpp"

namespace stackscope::gui {
namespace {

constexpr double kFrame = 1.0 / 60;

/// Frames until nothing moves any more; how many.
int frames_to_rest(TestStage& stage) {
  int frames = 0;
  while (!stage.app().is_settled()) {
    stage.app().advance(kFrame);
    REQUIRE(++frames < 100);
  }
  return frames;
}

std::uint64_t first_of_kind(TestStage& stage, std::string_view kind) {
  const Recording& recording = stage.player().recording();
  for (const RawRecord& record : recording.records()) {
    if (recording.schema().kind(record.header.kind).name == kind) return record.id.value;
  }
  FAIL("there is no " << kind);
  return 0;
}

/// A node of the tree's panel, which is drawn last: it says its colour, as no other place of an item does.
Rect place_in_tree(TestStage& stage, const ObjectRef& object) {
  stage.frame();
  const auto& entries = stage.app().registry().entries();
  const auto entry = std::find_if(entries.rbegin(), entries.rend(), [&](const Registry::Entry& one) {
    return one.object == object &&
           (one.text.find(" black") != std::string::npos || one.text.find(" red") != std::string::npos);
  });
  REQUIRE(entry != entries.rend());
  return entry->rect;
}

void press(TestStage& stage, Direction direction) { stage.player().step(Step::kRecord, direction); }

}  // namespace

TEST_CASE("motion: a single step takes a fifth of a second, a jump none") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  stage.seek(100);
  stage.player().set_moves(true);
  press(stage, Direction::kOn);
  CHECK(std::abs(frames_to_rest(stage) - 13) <= 1);
  CHECK(stage.player().position().value == 101);
  press(stage, Direction::kBack);
  CHECK(std::abs(frames_to_rest(stage) - 13) <= 1);
  CHECK(stage.player().position().value == 100);
  stage.player().seek(RecordId{200});
  CHECK(frames_to_rest(stage) <= 1);
}

TEST_CASE("motion: there and back is the identical picture, and so is a step without movement") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  stage.seek(500);
  const std::vector<char> before = stage.picture();
  stage.seek(501);
  const std::vector<char> after = stage.picture();
  stage.seek(500);
  stage.player().set_moves(true);
  press(stage, Direction::kOn);
  frames_to_rest(stage);
  CHECK((stage.picture() == after));
  press(stage, Direction::kBack);
  frames_to_rest(stage);
  CHECK((stage.picture() == before));
}

TEST_CASE("motion: on the way back the picture runs backwards") {
  TestStage stage;
  stage.open("scenarios/echo_10k.toml");
  stage.seek(first_of_kind(stage, "epoll:tree_rotated"));
  stage.player().hold_motion(0.5);
  const std::vector<char> half = stage.picture();
  stage.player().hold_motion(1);
  stage.player().set_moves(true);
  press(stage, Direction::kBack);
  stage.app().advance(0);
  stage.app().advance(Motion::kSeconds / 2);
  CHECK((stage.picture() == half));
}

TEST_CASE("motion: nodes of a tree that is rotated are between their places") {
  TestStage stage;
  stage.open("scenarios/echo_10k.toml");
  stage.app().look().side = 1;  // the tree
  const std::uint64_t rotation = first_of_kind(stage, "epoll:tree_rotated");
  int moved = 0;
  for (const ObjectRef& item :
       stage.player().objects().of(stage.player().recording().at(RecordId{rotation}))) {
    if (item.kind != ObjectKind::kItem) continue;
    stage.seek(rotation);
    const Rect after = place_in_tree(stage, item);
    stage.player().hold_motion(0.5);
    const Rect half = place_in_tree(stage, item);
    stage.seek(rotation - 1);
    const Rect before = place_in_tree(stage, item);
    CHECK(half.y == Approx((before.y + after.y) / 2).margin(0.1));
    CHECK(half.x == Approx((before.x + after.x) / 2).margin(0.1));
    moved += before.y != after.y ? 1 : 0;
  }
  CHECK(moved > 0);
}

TEST_CASE("motion: what is stepped in a hurry is not shown on its way") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  stage.seek(100);
  stage.player().set_moves(true);
  press(stage, Direction::kOn);
  stage.app().advance(kFrame);
  CHECK(stage.player().motion().former() != nullptr);
  press(stage, Direction::kOn);
  stage.app().advance(kFrame);
  CHECK(stage.player().position().value == 102);
  CHECK(stage.player().motion().former() == nullptr);
}

TEST_CASE("motion: while it plays fast nothing lags behind") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  stage.seek(100);
  stage.player().set_moves(true);
  stage.player().play();
  for (int frame = 0; frame < 60; ++frame) {
    stage.app().advance(kFrame);
    if (stage.player().motion().former() == nullptr) continue;
    const Recording& recording = stage.player().recording();
    const RecordId here = stage.player().position();
    const Duration gap = recording.at(RecordId{here.value + 1}).header.at - recording.at(here).header.at;
    CHECK(static_cast<double>(gap.count()) >= Motion::kSeconds * static_cast<double>(stage.player().speed()));
  }
  CHECK(stage.player().position().value > 100);
}

}  // namespace stackscope::gui
