#pragma once
// Lines that programs print, on their way to the supervisor: not through descriptors, which are the programs' own.
//
// Writers hold a mutex that survives the death of its owner, so a line is whole, whoever is killed; the one reader takes
// no lock. A line that is longer than a piece arrives in several, with no other line between.
//
// Invariant: bytes from `taken_` up to `written_` are complete pieces.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <pthread.h>
#include <string>
#include <string_view>

#include "measure/futex_word.hpp"

namespace stackscope {

class PrintRing {
 public:
  static constexpr std::uint32_t kBytes = 1 << 20;

  /// In memory that is zero and shared by all processes of the run.
  void init();
  /// Waits while the ring is full.
  void print(int stream, std::string_view line);

 private:
  friend class PrintReader;
  static constexpr std::uint32_t kLargestPiece = kBytes / 4;
  struct Piece {
    std::uint32_t bytes;
    std::uint8_t stream;
    bool ends;  // the line
  };

  void lock();
  void put_piece(Piece piece, const char* text);
  void put(const void* from, std::uint32_t bytes, std::uint32_t at);
  void get(void* to, std::uint32_t bytes, std::uint32_t at) const;

  pthread_mutex_t writers_;
  std::uint8_t open_stream_;   // of a line that was begun and not ended; 0: none
  FutexWord written_, taken_;  // counts of bytes, modulo 2^32
  std::array<char, kBytes> bytes_;
};

/// The supervisor's end.
class PrintReader {
 public:
  using OnLine = std::function<void(int stream, std::string_view line)>;
  /// Both must outlive it.
  PrintReader(PrintRing& ring, const OnLine& on_line) : ring_(ring), on_line_(on_line) {}
  /// Everything that is there now.
  void drain();

 private:
  PrintRing& ring_;
  const OnLine& on_line_;
  std::string line_;
};

}  // namespace stackscope
