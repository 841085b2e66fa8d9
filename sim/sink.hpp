#pragma once
// Where records go: chunks that a sink hands out empty and gets back full.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/bytes.hpp"
#include "sim/fingerprint.hpp"
#include "sim/schema.hpp"

namespace stackscope {

/// A run of encoded records, one after another, without gaps.
struct Chunk {
  static constexpr std::size_t kDefaultBytes = 256 * 1024;

  explicit Chunk(std::size_t size)
      : bytes(std::make_unique_for_overwrite<std::byte[]>(size)), capacity(size) {}
  void restart(std::uint64_t first_record) { first = first_record, used = 0, records = 0; }
  ByteView content() const { return {bytes.get(), used}; }

  std::unique_ptr<std::byte[]> bytes;
  std::size_t capacity;
  std::size_t used = 0;
  std::uint32_t records = 0;
  std::uint64_t first = 1;  // id of the first record
};

/// Known when a run has ended.
struct Totals {
  std::uint64_t records = 0;
  Fingerprints fingerprints;
  bool operator==(const Totals&) const = default;
};

/// Takes what a Trace tells. The order of calls: begin; then chunks, strings and blobs in any order, but each
/// string and blob before the first record that names it; finish.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  /// The first chunk. Its capacity, as that of all chunks, is at least schema.largest_record_bytes().
  virtual Chunk& begin(const Schema& schema) = 0;
  /// The chunk given last is full; the next one.
  virtual Chunk& next_chunk() = 0;
  /// Ids count up from 1 in the order of these calls; 0 is the empty string and the empty blob.
  virtual void add_string(std::string_view content) = 0;
  virtual void add_blob(ByteView content) = 0;
  /// Free text about the run (scenario, variant, seed). The last one counts.
  virtual void set_metadata(std::string_view text) = 0;
  virtual void finish(const Totals& totals) = 0;
};

/// Keeps nothing: the run is fingerprinted only. Allocates its one chunk, and nothing after that.
class HashOnly final : public RecordSink {
 public:
  explicit HashOnly(std::size_t chunk_bytes = 16 * 1024) : chunk_bytes_(chunk_bytes) {}

  Chunk& begin(const Schema& schema) override {
    chunk_ = std::make_unique<Chunk>(std::max(chunk_bytes_, schema.largest_record_bytes()));
    return *chunk_;
  }
  Chunk& next_chunk() override { return *chunk_; }
  void add_string(std::string_view) override {}
  void add_blob(ByteView) override {}
  void set_metadata(std::string_view) override {}
  void finish(const Totals&) override {}

 private:
  std::size_t chunk_bytes_;
  std::unique_ptr<Chunk> chunk_;
};

}  // namespace stackscope
