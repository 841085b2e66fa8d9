// Walking about in a recording: whatever the way, the same place has the same view.

#include <catch2/catch.hpp>
#include <sstream>

#include "analysis/fields.hpp"
#include "analysis/timeline.hpp"
#include "tests/analysis/random_machine.hpp"

using namespace stackscope;
using namespace stackscope::testing;

namespace {

struct Run {
  Story story;
  explicit Run(std::uint64_t seed, int steps) {
    story.on(0, 0);
    const auto tell = [this](const auto& record) { story.later(10).tell(record); };
    RandomMachine machine(tell, seed);
    for (int i = 0; i < steps; ++i) machine.step();
  }
};

}  // namespace

TEST_CASE("a thousand random seeks: each place has the view that folding from the start gives",
          "[timeline]") {
  const Run run(7, 4'000);
  const MemoryRecording& recording = run.story.recording();
  const std::uint64_t size = recording.size();

  std::vector<SimulationView> from_start;  // at every 97th record
  SimulationView view(recording.schema());
  from_start.push_back(view);
  for (const RawRecord& record : recording.records()) {
    view.apply(record);
    if (record.id.value % 97 == 0) from_start.push_back(view);
  }
  Timeline timeline(recording, {.every = 256, .most_views = 20, .most_bytes = 1U << 30});
  Cursor cursor(timeline);
  Dice dice(8);
  for (int i = 0; i < 1'000; ++i) {
    const std::size_t place = dice.below(from_start.size());
    cursor.seek(RecordId{place * 97});
    REQUIRE(cursor.position().value == place * 97);
    const auto difference = compare_views(cursor.view(), from_start[place]);
    INFO((difference ? difference->text() : ""));
    REQUIRE_FALSE(difference);
  }
  CHECK(timeline.kept_views() <= 20);
  CHECK(timeline.distance() > 256);
  cursor.seek(RecordId{size + 100});
  CHECK(cursor.is_at_end());
  CHECK_FALSE(compare_views(cursor.view(), run.story.view()));
}

TEST_CASE("n steps on and n back is where one was; the ends hold", "[timeline]") {
  const Run run(9, 300);
  Timeline timeline(run.story.recording(), {.every = 50});
  Cursor cursor(timeline);
  cursor.step(-5);
  CHECK(cursor.position().value == 0);
  cursor.step(321);
  const SimulationView before = cursor.view();
  for (int i = 0; i < 100; ++i) cursor.step(1);
  for (int i = 0; i < 100; ++i) cursor.step(-1);
  CHECK_FALSE(compare_views(cursor.view(), before));
  cursor.step(INT64_MAX);
  CHECK(cursor.is_at_end());
  cursor.step(INT64_MIN);
  CHECK(cursor.position().value == 0);
}

TEST_CASE("seeking by time stands after the last record of that time", "[timeline]") {
  Story story;
  story.host(0, 1);                      // 1, at 0
  story.later(100).tell(CpuIdle{true});  // 2 and 3, at 100
  story.tell(CpuIdle{false});
  story.later(100).tell(CpuIdle{true});  // 4, at 200
  Timeline timeline(story.recording());
  Cursor cursor(timeline);
  const auto place_at = [&](std::int64_t ns) {
    return cursor.seek_time(Instant::ns(ns)), cursor.position().value;
  };
  CHECK(place_at(-1) == 0);
  CHECK(place_at(99) == 1);
  CHECK(place_at(100) == 3);
  CHECK(place_at(150) == 3);
  CHECK(place_at(200) == 4);
  CHECK(place_at(INT64_MAX) == 4);
}

TEST_CASE("the next and the previous record of a kind", "[timeline]") {
  Story story;
  story.host(0, 1);
  for (int i = 0; i < 3; ++i) {
    story.later().tell(CpuIdle{true});
    story.later().tell(SoftirqRaise{SoftirqVector::kNetRx});
  }
  Timeline timeline(story.recording());
  Cursor cursor(timeline);
  CHECK(cursor.next_of_kind("irq:softirq_raise"));
  CHECK(cursor.position().value == 3);
  CHECK(cursor.next_of_kind("irq:softirq_raise"));
  CHECK(cursor.position().value == 5);
  CHECK(cursor.previous_of_kind("irq:softirq_raise"));
  CHECK(cursor.position().value == 3);
  CHECK_FALSE(cursor.previous_of_kind("irq:softirq_raise"));
  CHECK_FALSE(cursor.next_of_kind("no:such_kind"));
  CHECK(cursor.position().value == 3);
  CHECK(cursor.next([](const RawRecord& record) { return record.id.value == 7; }));
  CHECK_FALSE(cursor.next([](const RawRecord&) { return true; }));
}

TEST_CASE("a recording that grows can be walked in meanwhile", "[timeline]") {
  Story story;
  Timeline* timeline = nullptr;
  std::optional<Timeline> made;
  std::optional<Cursor> cursor;
  Dice dice(3);
  story.on(0, 0);
  const auto tell = [&](const auto& record) {
    story.later().tell(record);
    if (timeline == nullptr) return;
    cursor->seek(RecordId{dice.below(story.recording().size() + 1)});
    if (!dice.one_in(20)) return;
    cursor->seek(RecordId{story.recording().size()});
    REQUIRE_FALSE(compare_views(cursor->view(), story.view()));
  };
  RandomMachine machine(tell, 5);
  made.emplace(story.recording(), Timeline::Options{.every = 64, .most_views = 8});
  timeline = &*made;
  cursor.emplace(*timeline);
  for (int i = 0; i < 500; ++i) machine.step();
  CHECK(made->kept_views() <= 8);
}

TEST_CASE("kept views are given up where they become too large", "[timeline]") {
  const Run run(11, 2'000);
  Timeline timeline(run.story.recording(), {.every = 16, .most_views = 10'000, .most_bytes = 300'000});
  timeline.at(RecordId{run.story.recording().size()});
  CHECK(timeline.kept_bytes() <= 300'000);
  CHECK(timeline.distance() > 16);
  CHECK(timeline.kept_views() >= 2);
}

TEST_CASE("moving in pieces: none is longer than it may be, and the end is the same view", "[timeline]") {
  const Run run(13, 1'000);
  const std::uint64_t size = run.story.recording().size();
  REQUIRE(size > 1'500);
  Timeline timeline(run.story.recording(), {.every = 64});
  SimulationView view(run.story.recording().schema());
  std::uint64_t before = 0;
  bool is_there = false;
  while (!is_there) {
    is_there = timeline.move_towards(view, RecordId{size + 5}, 100);
    CHECK(view.run.last.value <= before + 100);
    REQUIRE(view.run.last.value > before);
    before = view.run.last.value;
  }
  CHECK(view.run.last.value == size);
  CHECK_FALSE(compare_views(view, run.story.view()));
  // Back: from the nearest view that was kept, which is nearer than a piece.
  CHECK(timeline.move_towards(view, RecordId{size / 2}, 100));
  CHECK(view.run.last.value == size / 2);
  CHECK_FALSE(compare_views(view, timeline.at(RecordId{size / 2})));
}
