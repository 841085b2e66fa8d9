#pragma once
// Reading a recording, whether it is in memory (and perhaps still growing) or in a file.
//
// The bytes of a RawRecord from at() live in a chunk that the recording caches: they are valid until at least
// kCachedChunks - 1 other chunks have been visited, so a few records can be held side by side; whoever keeps
// more keeps ids. Iterators hold their chunk. One thread at a time: reading fills caches.

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/encoding.hpp"
#include "sim/schema.hpp"
#include "sim/sink.hpp"

namespace stackscope {

/// A chunk opened for reading: finds records by id, by walking from the nearest of its sparse marks.
class LoadedChunk {
 public:
  /// `storage` keeps what `extend` is given alive, where nobody else does.
  LoadedChunk(const Schema& schema, std::uint64_t first, Bytes storage = {});

  /// The chunk's bytes and records, of which more than last time may be there. Everything is walked once, so
  /// that later reads stay in bounds: a RecordingError where a kind is unknown or the bytes do not end with
  /// the last record.
  void extend(ByteView bytes, std::uint32_t records);
  ByteView storage() const { return storage_; }

  bool holds(RecordId id) const { return id.value >= first_ && id.value - first_ < records_; }
  RecordId last() const { return RecordId{first_ + records_ - 1}; }
  /// Where a record lies. REQUIRES: holds(id).
  std::size_t position(RecordId id) const;
  RawRecord read(RecordId id, std::size_t position) const;

 private:
  static constexpr std::uint32_t kMarkEvery = 16;

  const Schema& schema_;
  std::uint64_t first_;
  Bytes storage_;
  ByteView bytes_;
  std::uint32_t records_ = 0;
  std::vector<std::uint32_t> marks_;  // position of every kMarkEvery-th record
};

class Recording;

/// Walks records forward.
class RecordIterator {
 public:
  using value_type = RawRecord;
  using difference_type = std::ptrdiff_t;

  RecordIterator() = default;
  RecordIterator(const Recording& recording, RecordId id, RecordId end);
  const RawRecord& operator*() const { return record_; }
  const RawRecord* operator->() const { return &record_; }
  RecordIterator& operator++();
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return record_.id >= end_; }

 private:
  void fetch();

  const Recording* recording_ = nullptr;
  RecordId end_;
  std::shared_ptr<const LoadedChunk> chunk_;
  std::size_t position_ = 0;
  RawRecord record_;
};

/// Records from `first` up to, not including, `end`.
struct RecordRange {
  const Recording& recording;
  RecordId first, past;
  RecordIterator begin() const { return {recording, first, past}; }
  std::default_sentinel_t end() const { return {}; }
};

class Recording {
 public:
  static constexpr std::size_t kCachedChunks = 8;

  virtual ~Recording() = default;

  /// Ids are 1 … size().
  virtual std::uint64_t size() const = 0;
  virtual const Schema& schema() const = 0;
  /// A RecordingError where there is no such string or blob.
  virtual std::string_view string(StringId id) const = 0;
  virtual Bytes blob(BlobId id) const = 0;
  /// How many there are, the empty one not counted.
  virtual std::uint32_t strings() const = 0;
  virtual std::uint32_t blobs() const = 0;
  virtual std::string_view metadata() const = 0;
  /// Known once the run has ended; a file that was cut off has none.
  virtual std::optional<Totals> totals() const = 0;

  /// A RecordingError where there is no such record, or its chunk is damaged.
  RawRecord at(RecordId id) const;
  RecordRange records() const { return records(RecordId{1}, RecordId{size() + 1}); }
  RecordRange records(RecordId first, RecordId past) const { return {*this, first, past}; }
  /// The first record at `time` or later; size() + 1 where there is none. Records are in order of time.
  RecordId first_at(Instant time) const;
  /// "nic:frame_arrived queue=1 ring_slot=17 length_bytes=74"
  std::string text(const RawRecord& record) const;

 private:
  friend class RecordIterator;
  virtual std::shared_ptr<const LoadedChunk> chunk_with(RecordId id) const = 0;
  std::shared_ptr<const LoadedChunk> checked_chunk_with(RecordId id) const;

  mutable std::shared_ptr<const LoadedChunk> latest_;
};

/// The fingerprints, computed again from the records.
Fingerprints fingerprints_of(const Recording& recording);

}  // namespace stackscope
