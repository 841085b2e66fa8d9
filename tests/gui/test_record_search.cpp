// A search over a whole recording, and what a record caused.

#include <algorithm>

#include "gui/app/effects.hpp"
#include "gui/app/record_search.hpp"
#include "tests/gui/stage.hpp"

namespace stackscope::gui {
namespace {

TEST_CASE("search: it finds every record that contains the text, in pieces", "[search]") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  const Recording& recording = stage.player().recording();
  std::vector<RecordId> wanted;
  for (const RawRecord& record : recording.records()) {
    if (recording.text(record).find("sched_waking") != std::string::npos) wanted.push_back(record.id);
  }
  REQUIRE(wanted.size() > 3);
  RecordSearch search(recording);
  search.look_for("sched_waking");
  int pieces = 0;
  while (search.advance(100)) ++pieces;
  CHECK(pieces > 3);
  CHECK(search.found() == wanted);
  CHECK(search.next(RecordId{}) == wanted.front());
  CHECK(search.next(wanted.front()) == wanted[1]);
  CHECK(search.previous(wanted[1]) == wanted.front());
  CHECK(!search.previous(wanted.front()));
  CHECK(!search.next(wanted.back()));
  search.look_for("nothing is called so");
  while (search.advance()) {
  }
  CHECK(search.found().empty());
  search.look_for("");
  CHECK(search.is_over());
}

TEST_CASE("effects: each has the record as its cause, and the first ones are there", "[search]") {
  TestStage stage;
  stage.open("scenarios/thundering_herd.toml");
  const Recording& recording = stage.player().recording();
  std::size_t with_effects = 0;
  for (std::uint64_t id = 1; id <= std::min<std::uint64_t>(recording.size(), 400); ++id) {
    const std::vector<RecordId> effects = effects_of(recording, RecordId{id});
    with_effects += effects.empty() ? 0 : 1;
    for (const RecordId effect : effects) CHECK(recording.at(effect).header.cause == RecordId{id});
    const RecordId cause = recording.at(RecordId{id}).header.cause;
    if (!cause) continue;
    const std::vector<RecordId> back = effects_of(recording, cause);
    CHECK((back.size() == 16 || std::ranges::count(back, RecordId{id}) == 1));
  }
  CHECK(with_effects > 20);
  CHECK(effects_of(recording, RecordId{}).empty());
  CHECK(effects_of(recording, RecordId{recording.size() + 5}).empty());
}

}  // namespace
}  // namespace stackscope::gui
