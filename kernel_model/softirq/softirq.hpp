#pragma once
// Softirqs: work that an interrupt, or a section with bottom halves off, leaves for its end.
//
// Linux:     kernel/softirq.c handle_softirqs(), raise_softirq_irqoff(), run_ksoftirqd()
// Invariant: a CPU runs its softirqs one at a time, lowest vector first, never nested.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/timers/jiffies.hpp"

namespace stackscope {

class Scheduler;
class Task;

class Softirqs {
 public:
  using Handler = void (*)(void* owner, Cpu& cpu);

  Softirqs(std::uint8_t cpus, const Tick& tick);

  /// Linux: open_softirq()
  void open(SoftirqVector vector, void* owner, Handler handler);

  /// The vector's handler will run on this CPU: at the end of the interrupt or the section with bottom halves off, or, where
  /// neither is under way, in ksoftirqd.
  void raise(Cpu& cpu, SoftirqVector vector);

  bool has_pending(const Cpu& cpu) const { return state_[cpu.number()].pending != 0; }

  /// A bit a vector: what was raised; and what the round under way has taken and not begun. Linux: __softirq_pending
  std::uint32_t pending(const Cpu& cpu) const { return state_[cpu.number()].pending; }
  std::uint32_t taken(const Cpu& cpu) const { return state_[cpu.number()].taken; }
  /// The vector whose handler runs on this CPU, interrupts on top or not.
  std::optional<SoftirqVector> running(const Cpu& cpu) const { return state_[cpu.number()].running; }

  /// Runs what is pending, and what becomes pending meanwhile, up to ten rounds or two milliseconds, or until a task
  /// wants the CPU; the rest is left to ksoftirqd. Returns with interrupts off, once more than before.
  void run(Cpu& cpu);

  /// Creates a ksoftirqd a CPU. Until then nothing may be left over.
  void start_daemons(Scheduler& scheduler);

 private:
  static constexpr int kMaxRestarts = 10;                // MAX_SOFTIRQ_RESTART
  static constexpr Duration kMaxTime = Duration::ms(2);  // MAX_SOFTIRQ_TIME
  static constexpr std::size_t kVectors = 10;            // NR_SOFTIRQS

  struct Registered {
    void* owner = nullptr;
    Handler handler = nullptr;
  };
  struct PerCpu {
    std::uint32_t pending = 0;  // a bit a vector
    std::uint32_t taken = 0;    // by the round under way
    std::optional<SoftirqVector> running;
    std::array<Instant, kVectors> raised_at{};
    std::array<RecordId, kVectors> raised_by{};
    Task* daemon = nullptr;
  };

  void run_vector(Cpu& cpu, PerCpu& state, std::size_t vector);
  void daemon_loop(Scheduler& scheduler, std::uint8_t cpu);

  const Tick& tick_;
  std::array<Registered, kVectors> handlers_{};
  std::vector<PerCpu> state_;
  Scheduler* scheduler_ = nullptr;
};

}  // namespace stackscope
