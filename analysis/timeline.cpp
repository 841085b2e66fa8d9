#include "analysis/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace stackscope {

Timeline::Timeline(const Recording& recording, Options options)
    : recording_(recording), options_(options), every_(std::max<std::uint64_t>(options.every, 1)) {
  options_.most_views = std::max<std::size_t>(options_.most_views, 2);
  kept_.emplace(0, Kept{SimulationView(recording.schema()), 0});
}

SimulationView Timeline::nearest(RecordId id) const {
  return std::prev(kept_.upper_bound(bounded(id).value))->second.view;
}

SimulationView Timeline::moved(SimulationView view, RecordId id) {
  fold_to(view, bounded(id));
  return view;
}

void Timeline::move(SimulationView& view, RecordId id) {
  id = bounded(id);
  const std::uint64_t kept = std::prev(kept_.upper_bound(id.value))->first;
  if (view.run.last > id || kept > view.run.last.value) view = nearest(id);
  fold_to(view, id);
}

bool Timeline::move_towards(SimulationView& view, RecordId id, std::uint64_t most) {
  id = bounded(id);
  const std::uint64_t kept = std::prev(kept_.upper_bound(id.value))->first;
  const std::uint64_t from = view.run.last > id ? kept : std::max(kept, view.run.last.value);
  const RecordId reached{std::min(id.value, from + most)};
  move(view, reached);
  return reached == id;
}

// The view is at a record's end after every step, also when the next one cannot be read.
void Timeline::fold_to(SimulationView& view, RecordId id) {
  if (view.run.last >= id) return;
  for (const RawRecord& record :
       recording_.records(RecordId{view.run.last.value + 1}, RecordId{id.value + 1})) {
    view.apply(record);
    if (record.id.value % every_ == 0) keep(view);
  }
}

void Timeline::keep(const SimulationView& view) {
  const auto after = kept_.upper_bound(view.run.last.value);
  const auto before = std::prev(after);
  if (before->first == view.run.last.value) return;
  const std::size_t bytes = view.bytes_beside(before->second.view);
  bytes_ += bytes;
  kept_.emplace_hint(after, view.run.last.value, Kept{view, bytes});
  while (kept_.size() > 2 && (kept_.size() > options_.most_views || bytes_ > options_.most_bytes)) thin_out();
}

// The empty view at 0 stays: it is where every fold may begin.
void Timeline::thin_out() {
  every_ *= 2;
  std::erase_if(kept_, [this](const auto& kept) { return kept.first % every_ != 0; });
  bytes_ = 0;
  const SimulationView* before = nullptr;
  for (auto& [last, kept] : kept_) {
    kept.bytes = before == nullptr ? 0 : kept.view.bytes_beside(*before);
    bytes_ += kept.bytes;
    before = &kept.view;
  }
}

Cursor::Cursor(Timeline& timeline) : timeline_(timeline), view_(timeline.at(RecordId{})) {}

void Cursor::seek_time(Instant time) {
  if (time == Instant::never()) return seek(RecordId{timeline_.recording().size()});
  seek(RecordId{timeline_.recording().first_at(time + Duration::ns(1)).value - 1});
}

void Cursor::step(std::int64_t records) {
  const std::uint64_t now = position().value, size = timeline_.recording().size();
  const auto steps = static_cast<std::uint64_t>(records);
  if (records < 0) {
    const std::uint64_t back = 0 - steps;
    seek(RecordId{now - std::min(now, back)});
  } else {
    seek(RecordId{now + std::min(size - now, steps)});
  }
}

bool Cursor::next(const Predicate& is_wanted) {
  const Recording& recording = timeline_.recording();
  for (const RawRecord& record :
       recording.records(RecordId{position().value + 1}, RecordId{recording.size() + 1})) {
    if (is_wanted(record)) return seek(record.id), true;
  }
  return false;
}

bool Cursor::previous(const Predicate& is_wanted) {
  for (std::uint64_t id = position().value; id > 1;) {
    if (is_wanted(timeline_.recording().at(RecordId{--id}))) return seek(RecordId{id}), true;
  }
  return false;
}

bool Cursor::next_of_kind(std::string_view name) {
  const auto kind = timeline_.recording().schema().find(name);
  return kind && next([kind](const RawRecord& record) { return record.header.kind == *kind; });
}

bool Cursor::previous_of_kind(std::string_view name) {
  const auto kind = timeline_.recording().schema().find(name);
  return kind && previous([kind](const RawRecord& record) { return record.header.kind == *kind; });
}

}  // namespace stackscope
