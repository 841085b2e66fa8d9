#include "kernel_model/softirq/softirq.hpp"

#include <bit>
#include <string>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

Softirqs::Softirqs(std::uint8_t cpus, const Tick& tick) : tick_(tick), state_(cpus) {}

void Softirqs::open(SoftirqVector vector, void* owner, Handler handler) {
  handlers_[static_cast<std::size_t>(vector)] = Registered{owner, handler};
}

void Softirqs::raise(Cpu& cpu, SoftirqVector vector) {
  PerCpu& state = state_[cpu.number()];
  const auto index = static_cast<std::size_t>(vector);
  cpu.charge(cpu.costs().softirq_raise);
  const RecordId raised = cpu.trace().emit(SoftirqRaise{vector});
  if ((state.pending >> index & 1) == 0) {
    state.pending |= 1u << index;
    state.raised_at[index] = cpu.engine().now();
    state.raised_by[index] = raised;
  }
  if (!cpu.in_interrupt() && !cpu.is_bh_disabled()) scheduler_->wake_up(*state.daemon);
}

void Softirqs::run(Cpu& cpu) {
  PerCpu& state = state_[cpu.number()];
  const RecordId cause = cpu.engine().moment().cause;
  cpu.in_softirq([&] {
    const Jiffies end = tick_.at(cpu.engine().now()) + tick_.from_duration(kMaxTime);
    cpu.charge(cpu.costs().softirq_entry);
    for (int restarts = kMaxRestarts;;) {
      for (state.taken = std::exchange(state.pending, 0); state.taken != 0;) {
        const int vector = std::countr_zero(state.taken);
        state.taken &= state.taken - 1;
        run_vector(cpu, state, static_cast<std::size_t>(vector));
      }
      cpu.irq_disable();  // so that what is raised after the last look is run on its own interrupt's way out
      if (state.pending == 0) break;
      if (tick_.at(cpu.engine().now()) >= end || cpu.need_resched() || --restarts == 0) {
        scheduler_->wake_up(*state.daemon);
        break;
      }
      cpu.irq_enable();
    }
    cpu.charge(cpu.costs().softirq_exit);
  });
  cpu.engine().moment().cause = cause;
}

void Softirqs::run_vector(Cpu& cpu, PerCpu& state, std::size_t vector) {
  const auto name = static_cast<SoftirqVector>(vector);
  cpu.engine().moment().cause = state.raised_by[vector];
  if (cpu.engine().now() > state.raised_at[vector]) {
    cpu.trace().emit(
        Waited{WaitReason::kSoftirqQueued, state.raised_at[vector], {}, state.raised_by[vector]});
  }
  cpu.trace().emit(SoftirqEntry{name});
  state.running = name;
  handlers_[vector].handler(handlers_[vector].owner, cpu);
  state.running.reset();
  cpu.trace().emit(SoftirqExit{name});
}

// --- ksoftirqd -------------------------------------------------------------------------------------------------------

void Softirqs::start_daemons(Scheduler& scheduler) {
  scheduler_ = &scheduler;
  for (std::uint8_t n = 0; n < state_.size(); ++n) {
    TaskAttributes attributes{
        .comm = "ksoftirqd/" + std::to_string(n), .process = {}, .affinity = CpuMask{1} << n};
    state_[n].daemon =
        &scheduler.create(std::move(attributes), [this, &scheduler, n] { daemon_loop(scheduler, n); });
  }
}

// Linux: kernel/smpboot.c smpboot_thread_fn() with run_ksoftirqd()
void Softirqs::daemon_loop(Scheduler& scheduler, std::uint8_t number) {
  for (;;) {
    scheduler.set_sleeping();
    if (state_[number].pending == 0) scheduler.schedule();
    scheduler.set_running();
    while (state_[number].pending != 0) {
      run(scheduler.cpu());
      scheduler.cpu().irq_enable();
      scheduler.cond_resched();
    }
  }
}

}  // namespace stackscope
