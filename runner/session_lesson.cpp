#include "runner/session_lesson.hpp"

#include <fmt/format.h>
#include <set>

#include "runner/recording_query.hpp"
#include "sim/script/sandbox.hpp"

namespace stackscope {
namespace {

/// Answers as the recording does, and remembers which kinds it was asked for.
class WatchedQuery final : public RecordQuery {
 public:
  explicit WatchedQuery(const Recording& recording) : query_(recording) {}

  std::optional<Kind> kind(std::string_view name) const override { return query_.kind(name); }
  std::vector<std::string> names() const override { return query_.names(); }
  std::vector<std::string> fields(Kind kind) const override { return query_.fields(kind); }
  void for_each(std::span<const Kind> kinds, const Visit& visit) const override {
    asked_.insert(kinds.begin(), kinds.end());
    query_.for_each(kinds, visit);
  }
  bool was_asked_for(Kind kind) const { return asked_.contains(kind); }

 private:
  const RecordingQuery query_;
  mutable std::set<Kind> asked_;
};

RecordId record_at(const Recording& recording, const WatchedQuery& query, Instant time) {
  const RecordId first = recording.first_at(time), past = recording.first_at(time + Duration::ns(1));
  for (const RawRecord& record : recording.records(first, past)) {
    if (query.was_asked_for(record.header.kind)) return record.id;
  }
  return RecordId{past.value - 1};
}

StepMoment moment_of(const std::string& at, const Recording& recording) {
  const WatchedQuery query(recording);
  const auto resolve = [&](std::string_view name) { return record_function(query, name); };
  const auto functions = record_function_names();
  const std::vector<std::string> known(functions.begin(), functions.end());
  const script::Evaluated done = script::Sandbox{}.evaluate(at, resolve, known);
  if (const script::ScriptError* error = done.error()) return {std::nullopt, error->message};
  if (const auto* time = done.value()->get_if<std::int64_t>())
    return {record_at(recording, query, Instant::ns(*time)), ""};
  return {std::nullopt,
          fmt::format("a step's moment must be a time in ns, not a {}", script::type_name(*done.value()))};
}

}  // namespace

std::vector<StepMoment> moments_of(const Scenario& scenario, const Recording& recording) {
  std::vector<StepMoment> moments;
  for (const LessonStep& step : scenario.steps) moments.push_back(moment_of(step.at.text, recording));
  return moments;
}

}  // namespace stackscope
