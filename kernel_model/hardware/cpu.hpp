#pragma once
// One CPU: what runs on it, in which context, and how its work takes time.
//
// Everything that a CPU executes is C++ on a fiber, and `charge` is how that code takes time. An interrupt runs on the
// stack of the fiber that it interrupts, as on real hardware: the charge that it cut short goes on afterwards and
// ends later by as much. So one event a CPU suffices, that which resumes its fiber.
//
// Linux:     kernel/softirq.c irq_enter_rcu(), __irq_exit_rcu(), __local_bh_enable_ip()
// Invariant: at most one fiber of a CPU is not parked; code between two charges is atomic on all CPUs.
// Differs:   softirqs and interrupts run on the interrupted thread's stack, not on stacks of their own; nobody can
//            see that but a stack overflow.

#include <cassert>
#include <cstdint>
#include <vector>

#include "kernel_model/costs/cpu_costs.hpp"
#include "kernel_model/hardware/caches.hpp"
#include "kernel_model/vocabulary/cpu_records.hpp"
#include "sim/engine.hpp"
#include "sim/fiber.hpp"
#include "sim/trace.hpp"

namespace stackscope {

class Cpu;

/// An interrupt line into a CPU. Lives in whatever raises it; `handler` runs in hard interrupt context.
struct IrqLine {
  IrqKind kind;
  QueueId queue;
  void* owner;
  void (*handler)(void* owner, Cpu& cpu);

  bool is_pending = false;
  Instant raised_at{};
  RecordId cause{};
};

/// What a CPU calls and does not know: softirqs and the scheduler above it.
class CpuClient {
 public:
  virtual ~CpuClient() = default;
  /// Pending softirqs are run now, in softirq context with interrupts on. Returns with interrupts off, once more than
  /// before: nothing may be raised between the last look and the end of the context.
  virtual void run_softirqs(Cpu& cpu) = 0;
  virtual bool has_pending_softirqs(const Cpu& cpu) const = 0;
  /// Called on the way back to user mode while a reschedule is due. Returns the CPU on which the caller goes on.
  virtual Cpu& reschedule(Cpu& cpu) = 0;
  /// Called there while a signal is pending. Returns once none is, which for a fatal one is never.
  virtual void deliver_signal(Cpu&) {}
};

enum class CpuContext : std::uint8_t { kUser, kKernel, kSoftirq, kHardirq, kIdle };

class Cpu {
 public:
  Cpu(Engine& engine, Trace& trace, Place place, const CpuCosts& costs, CpuClient& client);
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  std::uint8_t number() const { return place_.cpu; }
  Place place() const { return place_; }
  Rank rank() const { return rank_; }
  Engine& engine() { return engine_; }
  Trace& trace() { return trace_; }
  const CpuCosts& costs() const { return costs_; }

  /// Work of this length is done here and now. What else is due before its end, or at it with a lower rank, happens
  /// first. REQUIRES: called from the fiber that runs on this CPU.
  void charge(Duration cost) {
    const Instant done = engine_.now() + cost;
    if (is_undisturbed_ && Due{done, rank_} < engine_.next_due()) {
      engine_.advance(done);
    } else {
      charge_slowly(cost);
    }
  }
  void charge(const Cost& cost) {
    charge(cost.cold() ? cost.draw() + caches_.warm(cost) : cost.draw());
  }

  /// Without the fast path every charge is an event; nothing else may differ (a test).
  void set_fast_path(bool on) {
    has_fast_path_ = on;
    update_undisturbed();
  }

  // --- context -------------------------------------------------------------------------------------------------

  CpuContext context() const { return context_; }
  /// Whose handler runs here; null between interrupts, and on the way into one.
  const IrqLine* handling() const { return handling_; }
  bool in_interrupt() const { return context_ == CpuContext::kHardirq || context_ == CpuContext::kSoftirq; }

  /// System calls enter the kernel and leave it. Leaving switches to other tasks where that is due.
  void enter_kernel();
  void exit_to_user();

  /// Bottom halves nest. Leaving the outermost section outside of an interrupt runs pending softirqs at once.
  void bh_disable() { ++bh_disabled_; }
  void bh_enable();
  bool is_bh_disabled() const { return bh_disabled_ > 0; }

  /// Interrupts off; nests. Turning them on again takes what became pending.
  void irq_disable() { ++irqs_disabled_; }
  void irq_enable();

  // --- interrupts ------------------------------------------------------------------------------------------------

  /// From hardware or another CPU: the line is pending now, and taken as soon as interrupts are on.
  void raise(IrqLine& line);

  /// Runs softirq handlers: `body` is called in softirq context. For the softirq floor.
  template <class Body>
  void in_softirq(Body body) {
    const CpuContext outer = context_;
    context_ = CpuContext::kSoftirq;
    ++bh_disabled_;
    body();
    --bh_disabled_;
    context_ = outer;
  }

  // --- for the scheduler -----------------------------------------------------------------------------------------

  bool need_resched() const { return need_resched_; }
  void set_need_resched(bool needed) { need_resched_ = needed; }
  /// The current task must not go back to user mode. Linux: TIF_SIGPENDING
  void set_signal_pending(bool pending) { signal_pending_ = pending; }

  /// The fiber that runs here from now on; used by switch_to and to start.
  void set_fiber(Fiber& fiber) { fiber_ = &fiber; }
  Fiber& fiber() { return *fiber_; }

  /// Parks the fiber that runs here and lets `next` go on in its place, in `context`. Returns when something switches
  /// back, perhaps on another CPU: nothing of this object may be used then without looking up the CPU again.
  void switch_to(Fiber& next, CpuContext context);

  /// Makes the CPU run its fiber at the present instant, in idle context.
  void start(Fiber& idle);

  /// Waits, halted, until an interrupt has been taken. REQUIRES: idle context.
  void halt();
  bool is_halted() const { return is_halted_; }
  /// It has run at all: before, nobody needs to interrupt it.
  bool has_begun() const { return has_begun_; }

  // --- for SpinLock ------------------------------------------------------------------------------------------------

  /// Burns time until `unspin()`; interrupts that are on are taken meanwhile. Returns at each of these.
  void spin();
  void unspin();

 private:
  void charge_slowly(Duration cost);
  void suspend();
  void resume();
  Cpu& take_interrupts();
  Cpu& make_room();
  void handle(IrqLine& line);
  bool can_take_interrupts() const { return irqs_disabled_ == 0; }
  void claim_moment();
  void update_undisturbed() { is_undisturbed_ = has_fast_path_ && pending_.empty(); }

  Engine& engine_;
  Trace& trace_;
  Place place_;
  Rank rank_;
  const CpuCosts& costs_;
  CpuClient& client_;
  Caches caches_;
  Event resume_;
  Fiber* fiber_ = nullptr;
  CpuContext context_ = CpuContext::kIdle;
  const IrqLine* handling_ = nullptr;
  std::uint32_t bh_disabled_ = 0;
  std::uint32_t irqs_disabled_ = 0;
  bool need_resched_ = false;
  bool signal_pending_ = false;
  bool is_halted_ = false;
  bool has_begun_ = false;
  bool is_suspended_ = false;
  bool has_fast_path_ = true;
  bool is_undisturbed_ = true;  // a charge may take the fast path: it may at all, and no interrupt is pending
  std::vector<IrqLine*> pending_;  // in order of arrival
};

/// Bottom halves are off while this lives.
class BhSection {
 public:
  explicit BhSection(Cpu& cpu) : cpu_(cpu) { cpu_.bh_disable(); }
  ~BhSection() { cpu_.bh_enable(); }
  BhSection(const BhSection&) = delete;
  BhSection& operator=(const BhSection&) = delete;

 private:
  Cpu& cpu_;
};

/// Interrupts are off while this lives.
class IrqSection {
 public:
  explicit IrqSection(Cpu& cpu) : cpu_(cpu) { cpu_.irq_disable(); }
  ~IrqSection() { cpu_.irq_enable(); }
  IrqSection(const IrqSection&) = delete;
  IrqSection& operator=(const IrqSection&) = delete;

 private:
  Cpu& cpu_;
};

}  // namespace stackscope
