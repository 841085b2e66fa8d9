#pragma once
// The scheduler's part of a run: switches and wake-ups, as the kernel's own tracepoints tell them.
//
// A trace instance of its own is made for it, in a mount of tracefs that nobody else sees, and told to follow the children of
// the thread that starts it. A child that outlives everybody takes the instance away: one left behind would slow every switch
// of the machine.
//
// Linux: Documentation/trace/ftrace.rst "Instances"; kernel/trace/trace_events.c event_filter_pid_sched_wakeup_probe_pre(), by
//        which a wake-up of a followed thread is told whoever makes it
//
// Differs: on the measured virtual machine some switches from the idle thread of its second CPU were missing, for a reason not
//          found; wake-ups, and switches away from a thread, were all there. Who could notice: whoever asks when a thread began to run.
//
// Does not model: a machine whose threads are numbered by a PID namespace; there it is refused, because the kernel traces with
//                 its own numbers.

#include <memory>
#include <string>
#include <vector>

#include "measure/trace_page.hpp"

namespace stackscope {

class SchedTrace {
 public:
  /// Follows what the calling thread makes from now on. Null where that is refused, with the reason in `why_not`.
  static std::unique_ptr<SchedTrace> start(std::string& why_not);
  ~SchedTrace();
  SchedTrace(const SchedTrace&) = delete;
  SchedTrace& operator=(const SchedTrace&) = delete;

  /// Takes what there is, so that the kernel has room for more.
  void drain();
  /// Takes the rest, in the order of times. Nothing is recorded any more.
  void stop();

  const std::vector<SchedEvent>& events() const { return events_; }
  /// For which the kernel had no room; known when it has stopped.
  std::uint64_t lost() const { return lost_; }

 private:
  SchedTrace() = default;
  bool make_instance();
  bool start_janitor();
  bool configure();
  bool open_buffers();
  void count_lost();

  int tracefs_ = -1;   // a mount that has no place in any tree
  int instance_ = -1;  // its folder
  std::string name_;
  int janitor_pipe_ = -1;
  int janitor_ = -1;  // pid
  SchedFormats formats_;
  std::vector<int> buffers_;  // trace_pipe_raw, one a CPU
  std::vector<std::byte> page_;
  std::vector<SchedEvent> events_;
  std::uint64_t lost_ = 0;
};

}  // namespace stackscope
