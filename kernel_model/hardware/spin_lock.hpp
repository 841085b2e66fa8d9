#pragma once
// A spinlock: what it costs is the time that another CPU holds it.

#include <forward_list>

#include "sim/record.hpp"

namespace stackscope {

class Cpu;

/// Served in order of arrival, as the kernel's queued spinlocks are.
///
/// Linux:     kernel/locking/qspinlock.c queued_spin_lock_slowpath()
/// Invariant: never taken twice by one CPU: a lock that interrupts take must be taken with interrupts (or
/// bottom
///            halves) off, and an assertion says so where the model forgets it.
class SpinLock {
 public:
  void lock(Cpu& cpu);
  void unlock(Cpu& cpu);
  bool is_held_by(const Cpu& cpu) const { return owner_ == &cpu; }

 private:
  Cpu* owner_ = nullptr;
  RecordId taken_by_;                 // what the owner did last before it took the lock
  std::forward_list<Cpu*> spinning_;  // in order of arrival: few at a time, while locks are many
};

}  // namespace stackscope
