#pragma once
// The CPUs of a host with their timers, scheduler and softirqs, wired together.

#include <memory>
#include <vector>

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/hardware/local_timer.hpp"
#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/softirq/softirq.hpp"

namespace stackscope {

class Processors final : private CpuClient, private TickClient {
 public:
  /// `host` is the host's ordinal in the simulation; `tick` and `costs` must outlive this.
  Processors(Engine& engine, Trace& trace, std::uint8_t host, std::uint8_t cpus, const Tick& tick,
             const CpuCosts& costs);

  Cpu& cpu(std::uint8_t number) { return *cpus_[number]; }
  std::uint8_t count() const { return static_cast<std::uint8_t>(cpus_.size()); }
  /// No CPU has anything to do.
  bool are_all_halted() const;
  Scheduler& scheduler() { return scheduler_; }
  Softirqs& softirqs() { return softirqs_; }
  LocalTimer& local_timer(std::uint8_t number) { return *timers_[number]; }

 private:
  void run_softirqs(Cpu& cpu) override { softirqs_.run(cpu); }
  bool has_pending_softirqs(const Cpu& cpu) const override { return softirqs_.has_pending(cpu); }
  Cpu& reschedule(Cpu&) override { return scheduler_.reschedule(); }
  void deliver_signal(Cpu&) override { scheduler_.deliver_fatal_signal(); }
  void on_tick(Cpu& cpu) override { scheduler_.tick(cpu); }
  void on_wheel_due(Cpu& cpu) override { softirqs_.raise(cpu, SoftirqVector::kTimer); }
  void on_soft_timers_due(Cpu& cpu) override { softirqs_.raise(cpu, SoftirqVector::kHrtimer); }

  static std::vector<std::unique_ptr<Cpu>> make_cpus(Engine& engine, Trace& trace, std::uint8_t host,
                                                     std::uint8_t cpus, const CpuCosts& costs,
                                                     CpuClient& client);
  static std::vector<std::unique_ptr<LocalTimer>> make_timers(std::vector<std::unique_ptr<Cpu>>& cpus,
                                                              const Tick& tick, TickClient& client);

  const Tick& tick_;
  std::vector<std::unique_ptr<Cpu>> cpus_;
  std::vector<std::unique_ptr<LocalTimer>> timers_;
  Softirqs softirqs_;
  Scheduler scheduler_;
};

}  // namespace stackscope
