#include "userland/lua/heap.hpp"

#include <cstdlib>

namespace stackscope::lua {
namespace {

constexpr std::size_t kBytesAnInstruction = 64;

constexpr std::size_t kValue = 16;
/// What liblua's stacks have beyond their size. Lua: EXTRA_STACK
constexpr std::size_t kSpare = 5 * kValue;
constexpr std::size_t kLongestStack = 82'000 * kValue;

}  // namespace

void* Heap::allocate(void* heap, void* block, std::size_t old_size, std::size_t new_size) {
  Heap& self = *static_cast<Heap*>(heap);
  const std::size_t had = block != nullptr ? old_size : 0;  // without a block, old_size tells what it is for
  if (new_size > had) {
    self.spend(static_cast<std::int64_t>(new_size / kBytesAnInstruction));
    const std::size_t room =
        self.limits_.memory_bytes > self.in_use_ ? self.limits_.memory_bytes - self.in_use_ : 0;
    const bool is_array = block == nullptr && old_size == 0;  // otherwise it says what it is
    const bool is_long_stack = is_array && self.is_long_stack(new_size);
    if (self.is_spent() || new_size - had > room || is_long_stack) {
      self.has_refused_stack_ = is_long_stack;
      return nullptr;
    }
  }
  Block* old = block != nullptr ? static_cast<Block*>(block) - 1 : nullptr;
  if (old != nullptr) self.unlink(old);
  self.in_use_ = self.in_use_ - had + new_size;
  if (new_size == 0) return std::free(old), nullptr;
  auto* moved = static_cast<Block*>(std::realloc(old, sizeof(Block) + new_size));
  if (moved == nullptr) std::abort();  // the machine's memory, not the program's: as std::bad_alloc would
  self.link(moved);
  return moved + 1;
}

// A stack that grows is a new block of twice the size, and nothing else has been allocated in between that is as large.
bool Heap::is_long_stack(std::size_t size) {
  const bool doubles = size - kSpare == 2 * (last_array_ - kSpare);
  if (size > kLongestStack && doubles) return true;
  if (size >= kLongestStack / 8) last_array_ = size;
  return false;
}

void Heap::release() {
  while (first_ != nullptr) {
    Block* const block = first_;
    first_ = block->next;
    std::free(block);
  }
  in_use_ = 0;
}

void Heap::link(Block* block) {
  block->previous = nullptr;
  block->next = first_;
  if (first_ != nullptr) first_->previous = block;
  first_ = block;
}

void Heap::unlink(Block* block) {
  if (block->previous != nullptr) block->previous->next = block->next;
  if (block->next != nullptr) block->next->previous = block->previous;
  if (first_ == block) first_ = block->next;
}

}  // namespace stackscope::lua
