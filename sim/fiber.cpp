#include "sim/fiber.hpp"

#include <cstdlib>

namespace stackscope {

namespace fc = boost::context::detail;

struct FiberStart {
  static void run(fc::transfer_t from) { Fiber::start(from.fctx, static_cast<Fiber*>(from.data)); }
};

Fiber::Fiber(StackPool& stacks, Entry entry, void* argument)
    : stacks_(stacks), stack_(stacks.take()), entry_(entry), argument_(argument) {
  context_ = fc::make_fcontext(stack_.top(), stack_.size, &FiberStart::run);
}

Fiber::~Fiber() { stacks_.give_back(stack_); }

void Fiber::start(void* resumer, Fiber* self) {
  asan::announce_arrival(nullptr, &self->resumer_stack_, &self->resumer_stack_size_);
  self->resumer_ = resumer;
  self->entry_(self->argument_);
  self->is_finished_ = true;
  self->leave(self->next_, true);
  std::abort();  // a finished fiber is never resumed
}

}  // namespace stackscope
