#pragma once
// What the records up to a moment add up to: the state of everything, as a plain value.
//
//     SimulationView view(recording.schema());
//     for (const RawRecord& record : recording.records()) view.apply(record);
//
// A copy costs little however much it shows: copies share pages. Records are found by their names, so a recording of an
// older program, or of the real kernel, folds too: kinds that this program does not know are passed over, fields that
// the recording lacks have their defaults. Records that cannot be right (an id that nobody introduced, a softirq that
// ends and never began) change nothing but `run.problems`.

#include <cstdint>
#include <memory>

#include "analysis/host_view.hpp"
#include "analysis/paged_map.hpp"
#include "sim/encoding.hpp"
#include "sim/schema.hpp"

namespace stackscope {

class FoldTable;

/// The run itself.
struct RunView {
  RecordId last;  // the record folded last: the view is the state after it
  Instant now;
  Place place;
  std::uint64_t problems = 0;  // records that cannot be right
  RecordId first_problem;
  std::uint64_t requests_begun = 0, requests_answered = 0;
  StringId last_note;
  std::int64_t last_note_value = 0;
  void describe(auto&& field) const {
    field("last", last), field("now", now), field("host", place.host), field("cpu", place.cpu);
    field("problems", problems), field("first_problem", first_problem),
        field("requests_begun", requests_begun);
    field("requests_answered", requests_answered), field("last_note", last_note);
    field("last_note_value", last_note_value);
  }
};

class SimulationView {
 public:
  /// Before the first record of a recording with this schema.
  explicit SimulationView(const Schema& schema);

  /// Takes in the record that follows the last one.
  void apply(const RawRecord& record);

  RunView run;
  PagedMap<std::uint8_t, HostView, 1> hosts;
  LinkView links;

  void describe(auto&& field) const { field("run", run), field("hosts", hosts), field("links", links); }

  /// What keeping this view costs beside an earlier one that it shares pages with.
  std::size_t bytes_beside(const SimulationView& earlier) const;

 private:
  std::shared_ptr<const FoldTable> table_;
};

}  // namespace stackscope
