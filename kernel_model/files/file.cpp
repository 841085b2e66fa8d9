#include "kernel_model/files/file.hpp"

#include <fcntl.h>

namespace stackscope {

namespace {

/// `move` one part after another. Empty parts at the end are not asked for. Linux: do_loop_readv_writev()
template <class Part, class Move>
std::int64_t one_by_one(std::span<const Part> parts, Move move) {
  while (!parts.empty() && parts.back().size == 0) parts = parts.first(parts.size() - 1);
  std::int64_t moved = 0;
  for (const Part& part : parts) {
    const std::int64_t n = move(part);
    if (n < 0) return moved > 0 ? moved : n;
    moved += n;
    if (static_cast<std::size_t>(n) != part.size) break;
  }
  return moved;
}

}  // namespace

bool File::is_nonblocking() const { return (flags_ & O_NONBLOCK) != 0; }

std::int64_t File::readv(std::span<const Buffer> parts) {
  return one_by_one(parts, [this](Buffer part) { return read(part); });
}

std::int64_t File::writev(std::span<const ConstBuffer> parts) {
  return one_by_one(parts, [this](ConstBuffer part) { return write(part); });
}

}  // namespace stackscope
