#pragma once
// Memory for bytes that a program does not care about: where read() drops them, and zeros for write().
//
// Differs: what a program writes without data are zeros on the real kernel, and a stream's pattern on the model.

#include <algorithm>
#include <cstddef>
#include <span>
#include <sys/mman.h>
#include <sys/uio.h>
#include <vector>

#include "kernel_model/vocabulary/buffer.hpp"

namespace stackscope {

/// Makes sure that memory for a result is there, so that the kernel need not fetch it, and perhaps sleep, inside the call.
inline void touch(const Buffer& to) {
  constexpr std::size_t kPage = 4096, kMost = 1 << 20;
  const std::size_t most = std::min(to.size, kMost);
  for (std::size_t at = 0; to.data != nullptr && at < most; at += kPage) {
    volatile std::byte& byte = to.data[at];
    byte = byte;
  }
  if (to.data != nullptr && most > 0) {
    volatile std::byte& last = to.data[most - 1];
    last = last;
  }
}
inline void touch(const ConstBuffer&) {}

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
    void* const memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    bytes_ = bytes;
    memory_ = memory;
    touch(Buffer{static_cast<std::byte*>(memory), bytes});
    return memory_;
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
      touch(part);
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
