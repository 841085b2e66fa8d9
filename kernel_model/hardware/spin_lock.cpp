#include "kernel_model/hardware/spin_lock.hpp"

#include <cassert>
#include <iterator>

#include "kernel_model/hardware/cpu.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

void SpinLock::lock(Cpu& cpu) {
  assert(owner_ != &cpu && "deadlock: this CPU holds the lock already");
  if (owner_ != nullptr) {
    const Instant since = cpu.engine().now();
    const RecordId behind = taken_by_;
    auto last = spinning_.before_begin();
    while (std::next(last) != spinning_.end()) ++last;
    spinning_.insert_after(last, &cpu);
    while (owner_ != &cpu) cpu.spin();
    cpu.charge(cpu.costs().lock_handover);
    cpu.trace().emit(Waited{WaitReason::kSpinLock, since, {}, behind});
  }
  owner_ = &cpu;
  taken_by_ = cpu.engine().moment().cause;
}

void SpinLock::unlock(Cpu& cpu) {
  assert(owner_ == &cpu);
  owner_ = nullptr;
  if (spinning_.empty()) return;
  owner_ = spinning_.front();
  spinning_.pop_front();
  owner_->unspin();
}

}  // namespace stackscope
