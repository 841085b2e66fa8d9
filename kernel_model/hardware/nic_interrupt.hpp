#pragma once
// A NIC queue's interrupt: moderated by the hardware, masked by the driver while it polls.
//
// Linux:     Documentation/networking/napi.rst, "IRQ masking"; ethtool's rx-usecs and rx-frames
// Invariant: masked, it is never raised; unmasked, whatever happened meanwhile raises it.
// Differs:   one vector for both rings, as igb pairs them, so rx-usecs and rx-frames count frames that were sent, too; the
//            wait begins with the first frame, where some hardware spaces interrupts instead. Who could notice: a sender
//            with moderation on, whose transmit slots come back later than rx-usecs says.

#include "kernel_model/hardware/cpu.hpp"

namespace stackscope {

/// ethtool -C. May change while the simulation runs.
struct InterruptModeration {
  Duration rx_usecs = {};       // how long the interrupt waits for more frames; 0: not at all
  std::uint32_t rx_frames = 0;  // so many end the wait; 0: no such limit
};

/// The hardware's side, and the two registers that the driver writes.
class NicInterruptLine {
 public:
  using Handler = void (*)(void* owner, Cpu& cpu);

  /// `handler` runs on `target` in hard interrupt context. `moderation` must outlive this.
  NicInterruptLine(QueueId queue, Cpu& target, const InterruptModeration& moderation, void* owner,
                   Handler handler);
  NicInterruptLine(const NicInterruptLine&) = delete;
  NicInterruptLine& operator=(const NicInterruptLine&) = delete;

  /// The CPU that later interrupts go to. Linux: /proc/irq/N/smp_affinity
  void set_affinity(Cpu& target) { target_ = &target; }
  bool is_masked() const { return is_masked_; }
  /// Raised, and no CPU has begun to handle it.
  bool is_waiting() const { return is_raised_ && target_->handling() != &line_; }
  std::uint8_t target_cpu() const { return target_->number(); }
  /// What the last interrupt was raised for.
  RecordId announced() const { return announced_; }

  /// Something happened of which the driver must know: a frame arrived, or was sent. The moment's cause is it.
  void request();

  /// By the driver.
  void mask(Cpu& cpu);
  /// `happened`: how many things the driver has not seen, the first one told by `first`.
  void unmask(Cpu& cpu, std::uint32_t happened, RecordId first);

 private:
  void consider();
  void raise();
  Place place() const { return Place{target_->place().host, Place::kNoCpu}; }

  QueueId queue_;
  Cpu* target_;
  const InterruptModeration& moderation_;
  IrqLine line_;
  Event moderated_;
  bool is_masked_ = false;
  bool is_raised_ = false;      // and the handler has not run
  std::uint32_t requests_ = 0;  // that no interrupt has told yet
  Instant since_;               // when the first of them was made
  RecordId first_, announced_;
};

}  // namespace stackscope
