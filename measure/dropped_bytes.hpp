#pragma once
// Memory for bytes that a program does not care about: where read() drops them, and zeros for write().
//
// Differs: what a program writes without data are zeros on the real kernel, and a stream's pattern on the model.

#include <cstddef>
#include <sys/mman.h>
#include <sys/uio.h>
#include <vector>

#include "kernel_model/vocabulary/buffer.hpp"

namespace stackscope {

class DroppedBytes {
 public:
  DroppedBytes() = default;
  ~DroppedBytes() { unmap(); }
  DroppedBytes(const DroppedBytes&) = delete;
  DroppedBytes& operator=(const DroppedBytes&) = delete;

  /// Room for that many bytes; null where there is no such memory, which the kernel then tells.
  void* room(std::size_t bytes) {
    if (bytes <= bytes_) return memory_;
    unmap();
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    bytes_ = bytes;
    return memory_ = memory;
  }

  /// What system calls take. Parts without data share the room.
  template <class Part>
  std::vector<iovec> vector_of(std::span<const Part> parts) {
    std::size_t largest = 0;
    for (const Part& part : parts) {
      if (part.data == nullptr && part.size > largest) largest = part.size;
    }
    void* const dropped = room(largest);
    std::vector<iovec> vector;
    for (const Part& part : parts) {
      auto* const data = const_cast<std::byte*>(part.data);
      vector.push_back({data != nullptr ? static_cast<void*>(data) : dropped, part.size});
    }
    return vector;
  }

 private:
  void unmap() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
    memory_ = nullptr;
    bytes_ = 0;
  }
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace stackscope
