#pragma once
// Stackful fibers: ordinary C++ that can stop in the middle of a call and go on later.
//
// The only place that knows Boost.Context. Switches are announced to AddressSanitizer by hand. A fiber is
// never unwound: a simulation ends by dropping the memory of its fibers, so objects on a fiber's stack that
// must be destroyed belong to an owner outside of it.

#include <boost/context/detail/fcontext.hpp>
#include <cassert>
#include <cstddef>

#include "sim/asan.hpp"
#include "sim/stack_pool.hpp"

namespace stackscope {

/// A flow of control with a stack of its own. Fibers are resumed from the engine's stack and suspend back to
/// it; one may name another that goes on in its place.
class Fiber {
 public:
  using Entry = void (*)(void* argument);

  /// Runs `entry(argument)` at the first resume(). `argument` must outlive the fiber's last run.
  Fiber(StackPool& stacks, Entry entry, void* argument);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs this fiber, and those that it hands over to, until one suspends. REQUIRES: not on a fiber; not
  /// finished.
  void resume() {
    for (Fiber* fiber = this; fiber != nullptr;) fiber = fiber->run_once();
  }

  /// Stops here until the next resume(). REQUIRES: this is the fiber that runs.
  void suspend() { suspend_to(nullptr); }

  /// Stops here and lets `next` go on at once, without an event between them. REQUIRES: as suspend().
  void suspend_to(Fiber* next) { leave(next, false); }

  bool is_finished() const { return is_finished_; }

 private:
  struct Transfer;
  static void start(void* context, Fiber* self);
  friend struct FiberStart;
  Fiber* run_once();
  void leave(Fiber* next, bool for_good);

  StackPool& stacks_;
  Stack stack_;
  Entry entry_;
  void* argument_;
  void* context_ = nullptr;  // where this fiber goes on
  void* resumer_ = nullptr;  // where the engine's stack goes on
  Fiber* next_ = nullptr;    // handed over to, when suspended
  bool is_finished_ = false;
  void* own_fake_stack_ = nullptr;  // AddressSanitizer's
  const void* resumer_stack_ = nullptr;
  std::size_t resumer_stack_size_ = 0;
};

// Inline, because a switch leaves the processor's prediction of returns behind: each call less between the switch and
// the code that asked for it saves a misprediction.

inline Fiber* Fiber::run_once() {
  assert(!is_finished_);
  next_ = nullptr;
  void* engine_fake_stack = nullptr;
  asan::announce_switch(&engine_fake_stack, stack_.bottom, stack_.size);
  const auto back = boost::context::detail::jump_fcontext(context_, this);
  asan::announce_arrival(engine_fake_stack, nullptr, nullptr);
  context_ = back.fctx;
  return next_;
}

inline void Fiber::leave(Fiber* next, bool for_good) {
  next_ = next;
  asan::announce_switch(for_good ? nullptr : &own_fake_stack_, resumer_stack_, resumer_stack_size_);
  const auto again = boost::context::detail::jump_fcontext(resumer_, nullptr);
  asan::announce_arrival(own_fake_stack_, &resumer_stack_, &resumer_stack_size_);
  resumer_ = again.fctx;
}

}  // namespace stackscope
