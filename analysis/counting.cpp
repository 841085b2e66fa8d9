#include "analysis/counting.hpp"

#include <algorithm>
#include <cerrno>

namespace stackscope {

// A call whose exit lacks one of the two fields cannot be counted.
template <class Call>
void IntervalCounter::add_call(const Schema& schema, std::int64_t IntervalCounts::* returned,
                               std::int64_t IntervalCounts::* in_vain, bool zero_is_in_vain) {
  const auto kind = schema.find(Call::Exit::kName);
  if (!kind) return;
  const KindSchema& fields = schema.kind(*kind);
  const auto task = fields.find("task"), ret = fields.find("ret");
  if (!task || !ret) return;
  calls_.push_back({kind, returned, in_vain, zero_is_in_vain, fields.fields[*task], fields.fields[*ret]});
}

IntervalCounter::IntervalCounter(const Schema& schema, Options options)
    : options_(options), created_(schema), notes_(schema), wakings_(schema) {
  using C = IntervalCounts;
  add_call<call::EpollWait>(schema, &C::epoll_wait_returned, &C::epoll_wait_in_vain, true);
  add_call<call::Accept4>(schema, &C::accept4_returned, &C::accept4_in_vain, false);
  add_call<call::Poll>(schema, &C::poll_returned, &C::poll_in_vain, true);
}

bool IntervalCounter::counts(std::uint16_t kind) const {
  return wakings_.reads(kind) || notes_.reads(kind) || created_.reads(kind) ||
         std::ranges::find(calls_, kind, &CallReader::kind) != calls_.end();
}

void IntervalCounter::observe(const RawRecord& record) {
  if (wakings_.matches(record)) {
    count(record.header, wakings_.read(record).task, &IntervalCounts::wakings);
  } else if (notes_.matches(record)) {
    take_note(notes_.read(record));
  } else if (created_.matches(record)) {
    add_task(record.header, created_.read(record));
  } else {
    const auto exit = std::ranges::find(calls_, record.header.kind, &CallReader::kind);
    if (exit != calls_.end()) count_exit(record, *exit);
  }
}

void IntervalCounter::add_task(const RecordHeader& header, const TaskCreated& created) {
  if (options_.comm && *options_.comm != created.comm) return;
  if (options_.process && *options_.process != created.process) return;
  if (options_.host && *options_.host != header.place.host) return;
  tasks_.try_emplace({header.place.host, created.task});
}

void IntervalCounter::take_note(const ProgramNote& note) {
  if (note.what == options_.begins) {
    intervals_.emplace_back();
    is_counting_ = true;
  } else if (options_.ends == note.what) {
    is_counting_ = false;
  }
}

void IntervalCounter::count(const RecordHeader& header, TaskId task, std::int64_t IntervalCounts::* what) {
  if (!is_counting_) return;
  const auto counted = tasks_.find({header.place.host, task});
  if (counted == tasks_.end()) return;
  ++(counted->second.*what);
  ++(intervals_.back().*what);
}

void IntervalCounter::count_exit(const RawRecord& record, const CallReader& call) {
  const std::int64_t ret = value(call.ret, record);
  const TaskId task{static_cast<std::uint32_t>(unsigned_value(call.task, record))};
  if (ret > 0 || (ret == 0 && !call.zero_is_in_vain)) {
    count(record.header, task, call.returned);
  } else if (ret == 0 || ret == -EAGAIN) {
    count(record.header, task, call.in_vain);
  }
}

std::vector<std::int64_t> IntervalCounter::column(std::int64_t IntervalCounts::* what) const {
  std::vector<std::int64_t> values;
  values.reserve(intervals_.size());
  for (const IntervalCounts& interval : intervals_) values.push_back(interval.*what);
  return values;
}

std::optional<StringId> find_string(const Recording& recording, std::string_view text) {
  for (std::uint32_t id = 0; id <= recording.strings(); ++id) {
    if (recording.string(StringId{id}) == text) return StringId{id};
  }
  return std::nullopt;
}

IntervalCounter count_intervals(const Recording& recording, IntervalCounter::Options options) {
  IntervalCounter counter(recording.schema(), options);
  for (const RawRecord& record : recording.records()) counter.observe(record);
  return counter;
}

}  // namespace stackscope
