#pragma once
// The lock of an interpreter that can run one thread at a time: passed on first come, first served.
//
// Each who wants it draws a ticket and is served in the order of tickets, so that threads go on in the order in which
// their calls returned. A ticket can be drawn for another, who then waits with it: a new thread stands behind its maker.
//
// Invariant: the tickets below `serving_` have had the lock; the one that is `serving_` has it, if it is drawn.

#include <cstdint>

#include "measure/futex_word.hpp"

namespace stackscope {

class InterpreterLock {
 public:
  using Ticket = std::uint32_t;

  Ticket draw() { return next_.fetch_add(1, std::memory_order_acq_rel); }
  /// Whether wait() would not sleep.
  bool is_turn_of(Ticket ticket) const { return serving_.load(std::memory_order_acquire) == ticket; }
  /// Sleeps until the ticket is served.
  void wait(Ticket ticket);
  void put_down();
  /// Free, and nobody waits: for a process that was just forked, whose other threads do not exist.
  void reset();

 private:
  FutexWord next_{0};
  FutexWord serving_{0};
};

}  // namespace stackscope
