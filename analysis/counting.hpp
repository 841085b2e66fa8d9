#pragma once
// What threads did from one mark of a program to the next: wake-ups, calls that returned with something, and in vain.
//
// A program says where an interval begins by a ProgramNote (`connection`, before each one). The counter takes records one
// by one, so it can be a trace's observer and needs no recording:
//
//     IntervalCounter counter(schema, {.begins = trace.intern("connection"), .comm = trace.intern("herd_worker")});
//     trace.set_observer([&](const RawRecord& record) { counter.observe(record); });

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel_model/vocabulary/records.hpp"
#include "sim/recording.hpp"
#include "sim/schema.hpp"

namespace stackscope {

/// What is counted. A call returned when it gave something, and in vain when it gave nothing (0) or EAGAIN.
struct IntervalCounts {
  std::int64_t wakings = 0;  // sched_waking: kernel wake-ups
  std::int64_t epoll_wait_returned = 0, epoll_wait_in_vain = 0;
  std::int64_t accept4_returned = 0, accept4_in_vain = 0;
  std::int64_t poll_returned = 0, poll_in_vain = 0;

  bool operator==(const IntervalCounts&) const = default;
  void describe(auto&& field) const {
    field("wakings", wakings), field("epoll_wait_returned", epoll_wait_returned);
    field("epoll_wait_in_vain", epoll_wait_in_vain), field("accept4_returned", accept4_returned);
    field("accept4_in_vain", accept4_in_vain), field("poll_returned", poll_returned);
    field("poll_in_vain", poll_in_vain);
  }
};

/// A thread of a host.
struct TaskOnHost {
  std::uint8_t host = 0;
  TaskId task;
  constexpr auto operator<=>(const TaskOnHost&) const = default;
};

class IntervalCounter {
 public:
  /// Whose deeds are counted: where several are given, all have to fit.
  struct Options {
    StringId begins;               // the note before each interval
    std::optional<StringId> ends;  // the note after which nothing is counted until the next interval
    std::optional<StringId> comm;
    std::optional<ProcessId> process;
    std::optional<std::uint8_t> host;
  };

  /// `schema` is that of the records which will be observed.
  IntervalCounter(const Schema& schema, Options options);

  void observe(const RawRecord& record);
  /// Whether records of this kind make a difference; others need not be observed.
  bool counts(std::uint16_t kind) const;

  /// One for each interval, in order. What happens before the first is not counted.
  const std::vector<IntervalCounts>& intervals() const { return intervals_; }
  /// One value an interval: `column(&IntervalCounts::wakings)`.
  std::vector<std::int64_t> column(std::int64_t IntervalCounts::* what) const;
  /// Of each thread that counts, over all intervals; in order of hosts and threads.
  const std::map<TaskOnHost, IntervalCounts>& tasks() const { return tasks_; }

 private:
  struct CallReader {
    std::optional<std::uint16_t> kind;
    std::int64_t IntervalCounts::*returned, IntervalCounts::*in_vain;
    bool zero_is_in_vain;
    FieldSchema task, ret;
  };
  template <class Call>
  void add_call(const Schema& schema, std::int64_t IntervalCounts::* returned,
                std::int64_t IntervalCounts::* in_vain, bool zero_is_in_vain);
  void add_task(const RecordHeader& header, const TaskCreated& created);
  void take_note(const ProgramNote& note);
  void count(const RecordHeader& header, TaskId task, std::int64_t IntervalCounts::* what);
  void count_exit(const RawRecord& record, const CallReader& call);

  Options options_;
  KindReader<TaskCreated> created_;
  KindReader<ProgramNote> notes_;
  KindReader<SchedWaking> wakings_;
  std::vector<CallReader> calls_;
  bool is_counting_ = false;
  std::vector<IntervalCounts> intervals_;
  std::map<TaskOnHost, IntervalCounts> tasks_;
};

/// The id of a string in a recording that exists already.
std::optional<StringId> find_string(const Recording& recording, std::string_view text);

/// Counts over a whole recording.
IntervalCounter count_intervals(const Recording& recording, IntervalCounter::Options options);

}  // namespace stackscope
