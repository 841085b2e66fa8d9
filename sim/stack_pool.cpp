#include "sim/stack_pool.hpp"

#include <new>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/asan.hpp"

namespace stackscope {

namespace {

#ifdef STACKSCOPE_ASAN
constexpr std::size_t kFrameFactor = 4;
#else
constexpr std::size_t kFrameFactor = 1;
#endif

// A fiber that ended in the middle of a call left its frames marked.
void forget_frames([[maybe_unused]] const Stack& stack) {
#ifdef STACKSCOPE_ASAN
  __asan_unpoison_memory_region(stack.bottom, stack.size);
#endif
}

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

StackPool::StackPool(std::size_t size) {
  const std::size_t page = page_size();
  size_ = (size * kFrameFactor + page - 1) / page * page;
}

StackPool::~StackPool() {
  for (const Stack& stack : all_) {
    forget_frames(stack);
    munmap(stack.bottom - page_size(), stack.size + page_size());
  }
}

Stack StackPool::take() {
  if (!free_.empty()) {
    const Stack stack = free_.back();
    free_.pop_back();
    return stack;
  }
  const std::size_t page = page_size();
  void* const memory = mmap(nullptr, size_ + page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  mprotect(memory, page, PROT_NONE);
  const Stack stack{static_cast<std::byte*>(memory) + page, size_};
  all_.push_back(stack);
  return stack;
}

void StackPool::give_back(Stack stack) {
  forget_frames(stack);
  free_.push_back(stack);
}

}  // namespace stackscope
