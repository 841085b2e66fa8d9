#pragma once
// An interrupt that one CPU sends to another: it is under way for a while. On a virtual machine the host has to stop the other CPU
// first, or to wake the thread that plays it.
//
// Linux:   arch/x86/kernel/apic/ipi.c
// Differs: what is sent while one is under way arrives with it.

#include "kernel_model/hardware/cpu.hpp"

namespace stackscope {

class Ipi {
 public:
  /// `handler` runs on `target`, in hard interrupt context. Both owners must outlive this.
  Ipi(Cpu& target, IrqKind kind, void* owner, void (*handler)(void* owner, Cpu& cpu))
      : target_(target), line_{kind, {}, owner, handler}, arrival_(Event::calling<&Ipi::arrive>(*this)) {}
  Ipi(const Ipi&) = delete;
  Ipi& operator=(const Ipi&) = delete;

  /// Costs the caller nothing: what the sender pays is `ipi_send`.
  void send() {
    const Duration flight = target_.costs().ipi_flight.draw();
    if (!flight) return arrive();
    Engine& engine = target_.engine();
    if (!arrival_.is_pending()) engine.schedule(arrival_, engine.now() + flight, Rank::hardware());
  }

 private:
  void arrive() { target_.raise(line_); }

  Cpu& target_;
  IrqLine line_;
  Event arrival_;
};

}  // namespace stackscope
