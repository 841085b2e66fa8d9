#include "kernel_model/host/processors.hpp"

#include <algorithm>

namespace stackscope {

Processors::Processors(Engine& engine, Trace& trace, std::uint8_t host, std::uint8_t cpus, const Tick& tick,
                       const CpuCosts& costs)
    : tick_(tick),
      cpus_(make_cpus(engine, trace, host, cpus, costs, *this)),
      timers_(make_timers(cpus_, tick, *this)),
      softirqs_(cpus, tick),
      scheduler_(cpus_, timers_, tick.hz()) {
  // Linux: kernel/time/timer.c run_timer_softirq()
  softirqs_.open(SoftirqVector::kTimer, this, [](void* self, Cpu& cpu) {
    auto& processors = *static_cast<Processors*>(self);
    processors.timers_[cpu.number()]->wheel().run_expired(processors.tick_.at(cpu.engine().now()));
  });
  softirqs_.open(SoftirqVector::kHrtimer, this, [](void* self, Cpu& cpu) {
    static_cast<Processors*>(self)->timers_[cpu.number()]->run_soft();
  });
  softirqs_.start_daemons(scheduler_);
}

bool Processors::are_all_halted() const {
  return std::all_of(cpus_.begin(), cpus_.end(), [](const auto& cpu) { return cpu->is_halted(); });
}

std::vector<std::unique_ptr<Cpu>> Processors::make_cpus(Engine& engine, Trace& trace, std::uint8_t host,
                                                        std::uint8_t cpus, const CpuCosts& costs,
                                                        CpuClient& client) {
  std::vector<std::unique_ptr<Cpu>> made;
  made.reserve(cpus);
  for (std::uint8_t n = 0; n < cpus; ++n) {
    made.push_back(std::make_unique<Cpu>(engine, trace, Place{host, n}, costs, client));
  }
  return made;
}

std::vector<std::unique_ptr<LocalTimer>> Processors::make_timers(std::vector<std::unique_ptr<Cpu>>& cpus,
                                                                 const Tick& tick, TickClient& client) {
  std::vector<std::unique_ptr<LocalTimer>> made;
  made.reserve(cpus.size());
  for (auto& cpu : cpus) made.push_back(std::make_unique<LocalTimer>(*cpu, tick, client));
  return made;
}

}  // namespace stackscope
