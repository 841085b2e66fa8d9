#include "sim/fiber.hpp"

#include <boost/context/detail/fcontext.hpp>
#include <cassert>
#include <cstdlib>

#include "sim/asan.hpp"

namespace stackscope {

namespace fc = boost::context::detail;

namespace {

// Tells AddressSanitizer which stack we are about to run on, and, once there, that we arrived.
void announce_switch([[maybe_unused]] void** save, [[maybe_unused]] const void* bottom,
                     [[maybe_unused]] std::size_t size) {
#ifdef STACKSCOPE_ASAN
  __sanitizer_start_switch_fiber(save, bottom, size);
#endif
}

void announce_arrival([[maybe_unused]] void* saved, [[maybe_unused]] const void** from_bottom,
                      [[maybe_unused]] std::size_t* from_size) {
#ifdef STACKSCOPE_ASAN
  __sanitizer_finish_switch_fiber(saved, from_bottom, from_size);
#endif
}

}  // namespace

struct FiberStart {
  static void run(fc::transfer_t from) { Fiber::start(from.fctx, static_cast<Fiber*>(from.data)); }
};

Fiber::Fiber(StackPool& stacks, Entry entry, void* argument)
    : stacks_(stacks), stack_(stacks.take()), entry_(entry), argument_(argument) {
  context_ = fc::make_fcontext(stack_.top(), stack_.size, &FiberStart::run);
}

Fiber::~Fiber() { stacks_.give_back(stack_); }

void Fiber::start(void* resumer, Fiber* self) {
  announce_arrival(nullptr, &self->resumer_stack_, &self->resumer_stack_size_);
  self->resumer_ = resumer;
  self->entry_(self->argument_);
  self->is_finished_ = true;
  self->leave(self->next_, true);
  std::abort();  // a finished fiber is never resumed
}

void Fiber::resume() {
  for (Fiber* fiber = this; fiber != nullptr;) fiber = fiber->run_once();
}

Fiber* Fiber::run_once() {
  assert(!is_finished_);
  next_ = nullptr;
  void* engine_fake_stack = nullptr;
  announce_switch(&engine_fake_stack, stack_.bottom, stack_.size);
  const fc::transfer_t back = fc::jump_fcontext(context_, this);
  announce_arrival(engine_fake_stack, nullptr, nullptr);
  context_ = back.fctx;
  return next_;
}

void Fiber::suspend_to(Fiber* next) { leave(next, false); }

void Fiber::leave(Fiber* next, bool for_good) {
  next_ = next;
  announce_switch(for_good ? nullptr : &own_fake_stack_, resumer_stack_, resumer_stack_size_);
  const fc::transfer_t again = fc::jump_fcontext(resumer_, nullptr);
  announce_arrival(own_fake_stack_, &resumer_stack_, &resumer_stack_size_);
  resumer_ = again.fctx;
}

}  // namespace stackscope
