#pragma once
// The scheduler's records of a run, told between those of its threads.
//
// Differs: another program's thread is told as task 0, as if its CPU had been idle; who looks at CPUs could notice. Of a thread
//          nothing is told before its first own record, and after its end only that it left its CPU: how it was made and
//          collected is the run's affair, not the program's.

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "kernel_model/vocabulary/records.hpp"
#include "measure/arena.hpp"
#include "measure/recorder.hpp"
#include "measure/trace_page.hpp"
#include "sim/trace.hpp"

namespace stackscope {

class SchedTelling {
 public:
  /// `events` in the order of their times, which count from `start_ns`. `latest`: each thread's latest record, by its slot's
  /// ordinal. All must outlive it.
  SchedTelling(const Arena& arena, std::span<const SchedEvent> events, std::int64_t start_ns,
               std::vector<RecordId>& latest, Trace& trace);

  /// Tells what happened before then.
  void tell_until(std::int64_t at_ns);
  Company company() const { return company_; }

 private:
  struct Known {
    std::uint32_t ordinal;
    std::int64_t ended_ns;
    RecordId waking = {}, wakeup = {};  // the latest of each
    bool is_gone = false;               // it has left its CPU for good
  };
  Known* find(std::int32_t tid);
  void tell(const SchedEvent& event);
  void tell_switch(const SchedEvent& event);
  RecordId latest_of(std::int32_t tid);

  std::span<const SchedEvent> events_;
  const std::int64_t start_ns_;
  std::vector<RecordId>& latest_;
  Trace& trace_;
  Company company_;
  std::map<std::int32_t, Known> threads_;  // by the kernel's number
};

}  // namespace stackscope
