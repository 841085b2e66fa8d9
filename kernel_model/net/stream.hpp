#pragma once
// One direction of a connection's bytes. Packets and queues refer to them by (stream, offset); the bytes
// themselves are here once, and mostly not even that: what nobody wrote as real bytes is a pattern that is
// computed.
//
// Our own idea; Linux keeps bytes in the pages of its sk_buffs.
// Invariant: bytes in [trimmed, end) can be read; what lies before was read by its receiver and is forgotten.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "kernel_model/vocabulary/ids.hpp"

namespace stackscope {

/// The byte that a synthetic stream holds at an offset: it tells neighbours, pages and megabytes apart, so
/// that a misplaced copy is seen.
constexpr std::byte pattern_byte(std::uint64_t offset) {
  return static_cast<std::byte>((offset * 7 + (offset >> 8) * 13 + (offset >> 16) * 101) & 0xff);
}

class StreamStore {
 public:
  /// A new, empty stream. It is held once.
  StreamId open();
  /// Two ends hold a stream: who sends it, and who receives it. The last to let go frees it. False where it
  /// is gone: its sender closed before its first segment arrived.
  bool hold(StreamId stream);
  void let_go(StreamId stream);

  /// The stream of the other direction, made when it is first asked for and held as long as this one is: so who answers a SYN
  /// with a cookie need not remember it. None to a stream that is gone; a fresh one where the last was written to.
  StreamId reply_to(StreamId stream);

  /// `length` synthetic bytes, which take no memory.
  void append_pattern(StreamId stream, std::uint64_t length) { at(stream).end += length; }
  void append(StreamId stream, std::span<const std::byte> bytes);

  std::uint64_t end(StreamId stream) const { return at(stream).end; }

  /// Copies out `out.size()` bytes from `offset` on. REQUIRES: they exist and were not trimmed.
  void content(StreamId stream, std::uint64_t offset, std::span<std::byte> out) const;

  /// Whether content() can tell these bytes: they exist, somebody holds them, and they were not trimmed.
  bool has(StreamId stream, std::uint64_t offset, std::uint64_t length) const;

  /// Nobody will ask for anything before `offset` again. Nothing happens to a stream that is gone.
  void trim(StreamId stream, std::uint64_t offset);

  /// Streams that somebody holds.
  std::uint32_t live() const { return live_; }

 private:
  /// Real bytes; gaps between runs are pattern.
  struct Run {
    std::uint64_t offset;
    std::vector<std::byte> bytes;
  };
  struct Stream {
    std::uint64_t end = 0, trimmed = 0;
    std::uint32_t holders = 1;
    StreamId reply;
    std::list<Run> runs;  // in order of offset; mostly none
  };

  Stream* find(StreamId stream) const {
    return stream.value == 0 || stream.value > streams_.size() ? nullptr : streams_[stream.value - 1].get();
  }
  Stream& at(StreamId stream) const { return *find(stream); }

  std::vector<std::unique_ptr<Stream>> streams_;  // by ordinal
  std::uint32_t live_ = 0;
};

}  // namespace stackscope
