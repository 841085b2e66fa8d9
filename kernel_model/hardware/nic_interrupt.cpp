#include "kernel_model/hardware/nic_interrupt.hpp"

#include <algorithm>

#include "kernel_model/hardware/at_place.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

NicInterruptLine::NicInterruptLine(QueueId queue, Cpu& target, const InterruptModeration& moderation,
                                   void* owner, Handler handler)
    : queue_(queue),
      target_(&target),
      moderation_(moderation),
      line_{IrqKind::kNic, queue, owner, handler},
      moderated_(Event::calling<&NicInterruptLine::raise>(*this)) {}

void NicInterruptLine::request() {
  if (is_masked_) return;  // the driver looks before it unmasks
  Engine& engine = target_->engine();
  if (requests_++ == 0) {
    since_ = engine.now();
    first_ = engine.moment().cause;
  }
  consider();
}

void NicInterruptLine::consider() {
  if (is_raised_) return;
  Engine& engine = target_->engine();
  const Instant due = since_ + moderation_.rx_usecs;
  const bool is_enough = moderation_.rx_frames > 0 && requests_ >= moderation_.rx_frames;
  if (is_enough || due <= engine.now()) return raise();
  if (!moderated_.is_pending()) engine.schedule(moderated_, due, Rank::hardware());
}

void NicInterruptLine::raise() {
  Engine& engine = target_->engine();
  engine.cancel(moderated_);
  const AtPlace here{engine.moment(), place(), first_};
  Trace& trace = target_->trace();
  if (engine.now() > since_) trace.emit(Waited{WaitReason::kModeration, since_, {}, first_});
  trace.emit(NicInterrupt{queue_, target_->number()});
  is_raised_ = true;
  announced_ = first_;
  requests_ = 0;
  target_->raise(line_);
}

void NicInterruptLine::mask(Cpu& cpu) {
  is_masked_ = true;
  is_raised_ = false;
  requests_ = 0;
  cpu.engine().cancel(moderated_);
  cpu.trace().emit(NicInterruptMask{queue_, true});
}

// What came while it was masked waited for the driver, not for moderation: that counts from now.
void NicInterruptLine::unmask(Cpu& cpu, std::uint32_t happened, RecordId first) {
  IrqSection off{cpu};  // what is raised here is taken at its end
  is_masked_ = false;
  cpu.trace().emit(NicInterruptMask{queue_, false});
  if (happened == 0) return;
  requests_ = happened;
  since_ = cpu.engine().now();
  first_ = first;
  consider();
}

}  // namespace stackscope
