#pragma once
// Bytes of a program.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

namespace stackscope {

/// Where read() puts bytes. Null data: the program does not look at them, and they are dropped.
struct Buffer {
  std::byte* data = nullptr;
  std::size_t size = 0;
};

/// What write() takes. Null data: the program does not care, and the bytes are the stream's synthetic pattern.
struct ConstBuffer {
  const std::byte* data = nullptr;
  std::size_t size = 0;
};

/// How many bytes all parts have.
template <class Part>
std::size_t total_size(std::span<const Part> parts) {
  std::size_t total = 0;
  for (const Part& part : parts) total += part.size;
  return total;
}

/// Fills the parts in order with `bytes`, from their byte `at` on; null parts drop theirs. Linux: copy_to_iter()
inline void scatter(std::span<const std::byte> bytes, std::span<const Buffer> to, std::size_t at = 0) {
  for (const Buffer& part : to) {
    const std::size_t skip = std::min(part.size, at);
    at -= skip;
    const std::size_t length = std::min(part.size - skip, bytes.size());
    if (part.data != nullptr && length > 0) std::memcpy(part.data + skip, bytes.data(), length);
    bytes = bytes.subspan(length);
  }
}

/// Fills `bytes` from the parts, from their byte `at` on; null parts give zeros. Linux: copy_from_iter()
inline void gather(std::span<const ConstBuffer> from, std::size_t at, std::span<std::byte> bytes) {
  for (const ConstBuffer& part : from) {
    const std::size_t skip = std::min(part.size, at);
    at -= skip;
    const std::size_t length = std::min(part.size - skip, bytes.size());
    if (part.data != nullptr && length > 0) std::memcpy(bytes.data(), part.data + skip, length);
    if (part.data == nullptr && length > 0) std::memset(bytes.data(), 0, length);
    bytes = bytes.subspan(length);
  }
}

}  // namespace stackscope
