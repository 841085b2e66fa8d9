// Where a lesson's expressions lead in a recording.

#include <catch2/catch.hpp>

#include "runner/session.hpp"
#include "runner/session_lesson.hpp"

using namespace stackscope;

namespace {

std::vector<StepMoment> moments_at(const Recording& recording, const std::vector<std::string>& expressions) {
  Scenario scenario;
  for (const std::string& at : expressions) scenario.steps.push_back({{at, {}}, "", {}, ""});
  return moments_of(scenario, recording);
}

}  // namespace

TEST_CASE("a step's moment is the record that its expression found", "[session][lesson]") {
  const LoadedScenario loaded = load_scenario_file(STACKSCOPE_SOURCE_DIR "/scenarios/first_request.toml");
  REQUIRE(loaded.scenario);
  std::vector<Diagnostic> errors;
  const auto session = Session::open(*resolve(*loaded.scenario, kBaseline, {}).scenario,
                                     SessionOptions{.keep = Keep::kMemory}, errors);
  REQUIRE(session != nullptr);
  session->run();
  const Recording& recording = session->recording();
  const auto is = [&](const StepMoment& moment, const std::string& kind) {
    REQUIRE(moment.record);
    CHECK(recording.schema().kind(recording.at(*moment.record).header.kind).name == kind);
  };

  const auto moments = moments_at(recording, {"first('sched:sched_waking')", "last('sched:sched_waking')",
                                              "first('sched:sched_waking') + 1", "first('nic:frame_arrived')",
                                              "first('no:such')", "true", "0"});
  REQUIRE(moments.size() == 7);
  is(moments[0], "sched:sched_waking");
  for (std::uint64_t id = 1; id < moments[0].record->value; ++id) {
    CHECK(recording.at(RecordId{id}).header.kind != recording.at(*moments[0].record).header.kind);
  }
  is(moments[1], "sched:sched_waking");
  CHECK(*moments[1].record > *moments[0].record);
  // Between two records: what had happened until then.
  REQUIRE(moments[2].record);
  const Instant until = recording.at(*moments[0].record).header.at + Duration::ns(1);
  CHECK(recording.at(*moments[2].record).header.at <= until);
  CHECK(recording.at(RecordId{moments[2].record->value + 1}).header.at > until);
  for (std::size_t i = 3; i < 6; ++i) {
    CHECK_FALSE(moments[i].record);
    CHECK_FALSE(moments[i].error.empty());
  }
  CHECK(moments[3].error == "no such record occurred: 'nic:frame_arrived'");
  REQUIRE(moments[6].record);
  CHECK(moments[6].record->value < moments[0].record->value);

  // Many kinds share their moment with others: each leads to its own first record.
  std::vector<std::string> expressions;
  for (const KindSchema& kind : recording.schema().kinds())
    expressions.push_back("first('" + kind.name + "')");
  const auto firsts = moments_at(recording, expressions);
  std::vector<std::optional<RecordId>> seen(expressions.size());
  for (const RawRecord& record : recording.records()) {
    if (!seen[record.header.kind]) seen[record.header.kind] = record.id;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    INFO(expressions[i]);
    CHECK(firsts[i].record == seen[i]);
  }
}
