#include "kernel_model/hardware/cpu.hpp"

#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

Cpu::Cpu(Engine& engine, Trace& trace, Place place, const CpuCosts& costs, CpuClient& client)
    : engine_(engine),
      trace_(trace),
      place_(place),
      rank_(Rank::cpu(place.host, place.cpu)),
      costs_(costs),
      client_(client),
      resume_(Event::calling<&Cpu::resume>(*this)) {}

// --- time ----------------------------------------------------------------------------------------------------------

// A task that is preempted in user mode may go on elsewhere, so the rest of its charge follows it there.
void Cpu::charge_slowly(Duration cost) {
  Cpu* cpu = this;
  Duration left = cost;
  do {
    const Instant began = engine_.now();
    engine_.schedule(cpu->resume_, began + left, cpu->rank_);
    cpu->suspend();
    left -= engine_.now() - began;
    if (!cpu->pending_.empty() && cpu->can_take_interrupts()) cpu = &cpu->take_interrupts();
  } while (left > Duration{});
}

void Cpu::suspend() {
  const RecordId cause = engine_.moment().cause;
  is_suspended_ = true;
  fiber_->suspend();
  is_suspended_ = false;
  engine_.moment().cause = cause;
}

void Cpu::claim_moment() { engine_.moment().place = place_; }

void Cpu::resume() {
  claim_moment();
  has_begun_ = true;
  fiber_->resume();
}

void Cpu::start(Fiber& idle) {
  fiber_ = &idle;
  is_suspended_ = true;
  engine_.schedule(resume_, engine_.now(), rank_);
}

void Cpu::switch_to(Fiber& next, CpuContext context) {
  Fiber& previous = *fiber_;
  fiber_ = &next;
  context_ = context;
  claim_moment();
  previous.suspend_to(&next);
}

// --- waiting ---------------------------------------------------------------------------------------------------------

void Cpu::halt() {
  assert(context_ == CpuContext::kIdle);
  if (pending_.empty()) {
    is_halted_ = true;
    trace_.emit(CpuIdle{true});
    const Instant since = engine_.now();
    suspend();
    caches_.cool(engine_.now() - since, costs_.cooling.draw());
    is_halted_ = false;
    trace_.emit(CpuIdle{false}, pending_.front()->cause);
    irq_disable();
    charge(costs_.idle_exit);
    irq_enable();
    return;
  }
  take_interrupts();
}

void Cpu::spin() {
  suspend();
  if (!pending_.empty() && can_take_interrupts()) take_interrupts();
}

void Cpu::unspin() {
  assert(is_suspended_);
  if (!resume_.is_pending()) engine_.schedule(resume_, engine_.now(), rank_);
}

// --- context -----------------------------------------------------------------------------------------------------

void Cpu::enter_kernel() {
  assert(context_ == CpuContext::kUser);
  context_ = CpuContext::kKernel;
}

void Cpu::exit_to_user() {
  assert(context_ == CpuContext::kKernel && bh_disabled_ == 0 && irqs_disabled_ == 0);
  make_room().context_ = CpuContext::kUser;
}

// Linux: kernel/entry/common.c exit_to_user_mode_loop()
Cpu& Cpu::make_room() {
  Cpu* cpu = this;
  for (;;) {
    if (cpu->need_resched_) {
      cpu = &client_.reschedule(*cpu);
    } else if (cpu->signal_pending_) {
      client_.deliver_signal(*cpu);
    } else {
      return *cpu;
    }
  }
}

void Cpu::bh_enable() {
  assert(bh_disabled_ > 0);
  if (--bh_disabled_ > 0 || in_interrupt()) return;
  if (!client_.has_pending_softirqs(*this)) return;
  client_.run_softirqs(*this);
  irq_enable();
}

void Cpu::irq_enable() {
  assert(irqs_disabled_ > 0);
  if (--irqs_disabled_ == 0 && !pending_.empty())
    take_interrupts();  // never in user mode: no switch in there
}

// --- interrupts ----------------------------------------------------------------------------------------------------

void Cpu::raise(IrqLine& line) {
  if (line.is_pending) return;
  line.is_pending = true;
  line.raised_at = engine_.now();
  line.cause = engine_.moment().cause;
  pending_.push_back(&line);
  update_undisturbed();
  if (!is_suspended_ || !can_take_interrupts()) return;
  engine_.cancel(resume_);
  engine_.schedule(resume_, engine_.now(), rank_);
}

Cpu& Cpu::take_interrupts() {
  const RecordId cause = engine_.moment().cause;
  const CpuContext interrupted = context_;
  do {
    while (!pending_.empty()) {
      IrqLine& line = *pending_.front();
      pending_.erase(pending_.begin());
      update_undisturbed();
      handle(line);
    }
    if (!in_interrupt() && bh_disabled_ == 0 && client_.has_pending_softirqs(*this)) {
      client_.run_softirqs(*this);
      --irqs_disabled_;  // what became pending is taken by this loop
    }
  } while (!pending_.empty());
  if ((need_resched_ || signal_pending_) && interrupted == CpuContext::kUser) {
    context_ = CpuContext::kKernel;
    Cpu& cpu = make_room();
    cpu.context_ = CpuContext::kUser;
    return cpu;
  }
  engine_.moment().cause = cause;
  return *this;
}

void Cpu::handle(IrqLine& line) {
  const CpuContext outer = context_;
  context_ = CpuContext::kHardirq;
  ++irqs_disabled_;
  line.is_pending = false;
  engine_.moment().cause = line.cause;
  if (engine_.now() > line.raised_at) {
    const WaitReason reason = outer == CpuContext::kIdle ? WaitReason::kWake : WaitReason::kInterruptsOff;
    trace_.emit(Waited{reason, line.raised_at, {}, line.cause});
  }
  charge(costs_.irq_entry);
  trace_.emit(IrqHandlerEntry{line.kind, line.queue});
  handling_ = &line;
  line.handler(line.owner, *this);
  handling_ = nullptr;
  trace_.emit(IrqHandlerExit{line.kind, line.queue});
  charge(costs_.irq_exit);
  --irqs_disabled_;
  context_ = outer;
}

}  // namespace stackscope
