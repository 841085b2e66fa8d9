#pragma once
// Stacks for fibers: mapped lazily, guarded, and used again.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stackscope {

/// A run of memory a fiber may use, growing downwards from `top`; a guard page lies below `bottom`.
struct Stack {
  std::byte* bottom = nullptr;
  std::size_t size = 0;
  std::byte* top() const { return bottom + size; }
};

/// All stacks of one size. Memory is taken from the system a page at a time as a stack is touched, and given
/// back when the pool is destroyed; a stack that is returned keeps its pages for the next fiber.
class StackPool {
 public:
  /// `size` is rounded up to whole pages. Sanitized builds use larger frames, so they get four times as much.
  explicit StackPool(std::size_t size);
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  /// Throws std::bad_alloc when the system has no more address space.
  Stack take();
  void give_back(Stack stack);

 private:
  std::size_t size_;
  std::vector<Stack> free_;
  std::vector<Stack> all_;
};

}  // namespace stackscope
