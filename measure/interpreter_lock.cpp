#include "measure/interpreter_lock.hpp"

namespace stackscope {

namespace {

/// Who waits for a ticket sleeps under a bit of its own, so that passing the lock on wakes one thread, not all.
std::uint32_t bit_of(InterpreterLock::Ticket ticket) { return 1u << (ticket % 32); }

}  // namespace

void InterpreterLock::wait(Ticket ticket) {
  for (;;) {
    const std::uint32_t serving = serving_.load(std::memory_order_acquire);
    if (serving == ticket) return;
    futex(serving_, FUTEX_WAIT_BITSET_PRIVATE, serving, nullptr, bit_of(ticket));
  }
}

void InterpreterLock::put_down() {
  const Ticket served = serving_.fetch_add(1, std::memory_order_acq_rel) + 1;
  if (next_.load(std::memory_order_acquire) == served) return;  // nobody waits
  futex(serving_, FUTEX_WAKE_BITSET_PRIVATE, INT32_MAX, nullptr, bit_of(served));
}

void InterpreterLock::reset() {
  next_.store(0, std::memory_order_release);
  serving_.store(0, std::memory_order_release);
}

}  // namespace stackscope
