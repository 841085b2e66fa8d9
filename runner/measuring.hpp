#pragma once
// What is measured while a scenario runs: an observer of its records, so that no recording is needed.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/counting.hpp"
#include "runner/metrics.hpp"
#include "runner/scenario/scenario.hpp"
#include "sim/trace.hpp"

namespace stackscope {

/// Which metrics a scenario has follows from its programs:
///
///   herd_worker            returns_per_connection, kernel_wakeups_per_connection, eagain_per_connection: distributions over
///                          the connections; accepts_per_worker: over the workers
///   echo_client, _crowd    round_trip: over the messages, in ns
///   echo_server            ready_per_wait: events a successful epoll_wait() of any program returned
///   Lua programs           a metric for each name that is given to mark_begin(): from there to mark_end(), in ns
class Measuring {
 public:
  /// Watches `trace` from now on. Both must outlive this.
  Measuring(Trace& trace, const ResolvedScenario& scenario);
  Measuring(const Measuring&) = delete;
  Measuring& operator=(const Measuring&) = delete;

  Metrics metrics() const;

  /// What programs said of their own failures: "failed: connect: ECONNREFUSED, 10 times". Each is a note `failed: …` with an errno.
  std::vector<std::string> failures() const;

  /// The system call that a thread is in, as "epoll_wait(4, 64, -1)"; empty where it is in none.
  std::string call_of(TaskOnHost task) const;

 private:
  struct Request {
    TaskOnHost task;
    std::uint64_t number;
    constexpr auto operator<=>(const Request&) const = default;
  };
  struct Mark {
    TaskOnHost task;
    StringId name;
    constexpr auto operator<=>(const Mark&) const = default;
  };

  void observe(const RawRecord& record);
  void observe_request(const RawRecord& record);
  void observe_mark(const RawRecord& record);
  void observe_note(const RawRecord& record);
  void observe_call(const RawRecord& record);

  const Trace& trace_;
  const Schema& schema_;
  std::string wait_;  // how herd workers wait: epoll, accept or poll; empty without any
  bool has_requests_ = false, has_waits_ = false;
  std::optional<IntervalCounter> herd_;
  KindReader<RequestMark> requests_;
  KindReader<call::EpollWait::Exit> waits_;
  KindReader<ProgramMark> marks_;
  KindReader<ProgramNote> notes_;
  std::map<StringId, bool> tells_failure_;  // by what notes say
  std::map<std::pair<StringId, std::int64_t>, std::uint64_t> failures_;
  std::map<Request, Instant> begun_;
  Distribution round_trip_, ready_per_wait_;
  std::map<Mark, Instant> marked_;
  std::vector<std::pair<std::string, StringId>> mark_names_;  // the metrics', and as records have them
  std::map<StringId, Distribution> stretches_;
  enum class CallPart : std::uint8_t { kNone, kEnter, kExit };
  std::vector<CallPart> call_part_;                       // by kind
  std::map<TaskOnHost, std::vector<std::byte>> in_call_;  // the record of the entry; empty: in none
};

/// The names that metrics() will have.
std::vector<std::string> metric_names(const ResolvedScenario& scenario);

}  // namespace stackscope
