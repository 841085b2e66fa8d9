#pragma once
// Bytes of a program.

#include <cstddef>

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

}  // namespace stackscope
