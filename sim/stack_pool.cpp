#include "sim/stack_pool.hpp"

#include <new>
#include <sys/mman.h>
#include <unistd.h>

namespace stackscope {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kFrameFactor = 4;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr std::size_t kFrameFactor = 4;
#else
constexpr std::size_t kFrameFactor = 1;
#endif
#else
constexpr std::size_t kFrameFactor = 1;
#endif

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

StackPool::StackPool(std::size_t size) {
  const std::size_t page = page_size();
  size_ = (size * kFrameFactor + page - 1) / page * page;
}

StackPool::~StackPool() {
  for (const Stack& stack : all_) munmap(stack.bottom - page_size(), stack.size + page_size());
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

void StackPool::give_back(Stack stack) { free_.push_back(stack); }

}  // namespace stackscope
