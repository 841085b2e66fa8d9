#include "measure/print_ring.hpp"

#include <algorithm>
#include <cstring>

namespace stackscope {

void PrintRing::init() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&writers_, &attributes);
  pthread_mutexattr_destroy(&attributes);
  open_stream_ = 0;
  written_.store(0);
  taken_.store(0);
}

void PrintRing::lock() {
  if (pthread_mutex_lock(&writers_) != EOWNERDEAD) return;
  pthread_mutex_consistent(&writers_);
  if (open_stream_ != 0)
    put_piece({0, open_stream_, true}, nullptr);  // what the dead one had said of its line
}

void PrintRing::print(int stream, std::string_view line) {
  lock();
  do {
    const auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(line.size(), kLargestPiece));
    put_piece({bytes, static_cast<std::uint8_t>(stream), bytes == line.size()}, line.data());
    line.remove_prefix(bytes);
  } while (open_stream_ != 0);
  pthread_mutex_unlock(&writers_);
}

void PrintRing::put_piece(Piece piece, const char* text) {
  const std::uint32_t at = written_.load(std::memory_order_relaxed);
  const auto needed = static_cast<std::uint32_t>(sizeof piece) + piece.bytes;
  for (;;) {
    const std::uint32_t taken = taken_.load(std::memory_order_acquire);
    if (kBytes - (at - taken) >= needed) break;
    futex(taken_, FUTEX_WAIT, taken, nullptr);
  }
  put(&piece, sizeof piece, at);
  put(text, piece.bytes, at + static_cast<std::uint32_t>(sizeof piece));
  open_stream_ = piece.ends ? 0 : piece.stream;
  written_.store(at + needed, std::memory_order_release);
}

void PrintRing::put(const void* from, std::uint32_t bytes, std::uint32_t at) {
  if (bytes == 0) return;
  const std::uint32_t begin = at % kBytes;
  const std::uint32_t first = std::min(bytes, kBytes - begin);
  std::memcpy(bytes_.data() + begin, from, first);
  std::memcpy(bytes_.data(), static_cast<const char*>(from) + first, bytes - first);
}

void PrintRing::get(void* to, std::uint32_t bytes, std::uint32_t at) const {
  if (bytes == 0) return;
  const std::uint32_t begin = at % kBytes;
  const std::uint32_t first = std::min(bytes, kBytes - begin);
  std::memcpy(to, bytes_.data() + begin, first);
  std::memcpy(static_cast<char*>(to) + first, bytes_.data(), bytes - first);
}

void PrintReader::drain() {
  const std::uint32_t written = ring_.written_.load(std::memory_order_acquire);
  std::uint32_t at = ring_.taken_.load(std::memory_order_relaxed);
  if (at == written) return;
  while (at != written) {
    PrintRing::Piece piece{};
    ring_.get(&piece, sizeof piece, at);
    const std::size_t before = line_.size();
    line_.resize(before + piece.bytes);
    ring_.get(line_.data() + before, piece.bytes, at + static_cast<std::uint32_t>(sizeof piece));
    at += static_cast<std::uint32_t>(sizeof piece) + piece.bytes;
    if (!piece.ends) continue;
    if (on_line_) on_line_(piece.stream, line_);
    line_.clear();
  }
  set_and_wake(ring_.taken_, at, true);
}

}  // namespace stackscope
