#pragma once
// A small machine for tests: an engine, a trace into memory, and CPUs.

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "kernel_model/host/processors.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope::test {

inline const Schema& schema() {
  static const Schema kSchema = Schema::of<Records>();
  return kSchema;
}

class Machine {
 public:
  explicit Machine(std::uint8_t cpus = 1, CpuCosts with = default_costs(), Hz hz = Hz{250})
      : costs(with), tick(hz, Duration{}), processors(engine, trace, 1, cpus, tick, costs) {}

  /// Round numbers, so that a test can add them up.
  static CpuCosts default_costs() {
    CpuCosts costs;
    costs.schedule = Cost{Duration::ns(100)};
    costs.context_switch = Cost{Duration::ns(1000)};
    costs.wake_up = Cost{Duration::ns(300)};
    costs.irq_entry = Cost{Duration::ns(200)};
    costs.irq_exit = Cost{Duration::ns(100)};
    costs.timer_interrupt = Cost{Duration::ns(400)};
    costs.ipi_send = Cost{Duration::ns(2000)};
    costs.idle_exit = Cost{Duration::ns(3000)};
    costs.wait_callback = Cost{Duration::ns(50)};
    return costs;
  }

  Scheduler& scheduler() { return processors.scheduler(); }
  Cpu& cpu() { return scheduler().cpu(); }

  /// A thread in kernel context that runs `body`; SCHED_FIFO unless said otherwise, so that order is definite.
  Task& thread(const std::string& name, std::function<void()> body, std::uint8_t priority = 50,
               CpuMask affinity = kAnyCpu) {
    TaskAttributes attributes{.comm = name, .process = {}, .affinity = affinity};
    if (priority > 0) attributes.policy = SchedPolicy::kFifo;
    attributes.priority = priority;
    return scheduler().create(std::move(attributes), std::move(body));
  }

  /// User code of the current thread. REQUIRES: kernel context, as in a thread's body.
  void compute(Duration time) {
    cpu().exit_to_user();
    cpu().charge(time);
    cpu().enter_kernel();
  }

  /// Sleeps until the clock says so.
  void sleep_until(Instant at) {
    scheduler().set_sleeping();
    scheduler().schedule_until(at, Duration{});
  }

  void run_for(Duration time) { engine.run_until(engine.now() + time); }
  std::int64_t now_ns() const { return engine.now().count(); }

  /// The names of the records so far, those that begin with one of `prefixes`.
  std::vector<std::string> told(const std::vector<std::string>& prefixes) const {
    std::vector<std::string> names;
    for (std::uint64_t i = 0; i < recording.size(); ++i) {
      const std::string name = schema().kind(recording.at(RecordId{i + 1}).header.kind).name;
      for (const auto& prefix : prefixes) {
        if (name.starts_with(prefix)) names.push_back(name);
      }
    }
    return names;
  }

  Engine engine;
  MemoryRecording recording;
  Trace trace{engine.moment(), schema(), recording};
  CpuCosts costs;
  Tick tick;
  Processors processors;
};

}  // namespace stackscope::test
