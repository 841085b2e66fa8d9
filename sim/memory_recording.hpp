#pragma once
// A recording in memory: what a session writes while it runs, and reads at the same time.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/recording.hpp"
#include "sim/sink.hpp"

namespace stackscope {

/// Chunks that recordings give back when they end, so that a session which runs again and again asks the
/// system once.
class ChunkPool {
 public:
  explicit ChunkPool(std::size_t chunk_bytes = Chunk::kDefaultBytes) : chunk_bytes_(chunk_bytes) {}
  /// A chunk of at least `least` bytes.
  std::unique_ptr<Chunk> take(std::size_t least);
  void give(std::unique_ptr<Chunk> chunk) { free_.push_back(std::move(chunk)); }
  std::size_t free_chunks() const { return free_.size(); }

 private:
  std::size_t chunk_bytes_;
  std::vector<std::unique_ptr<Chunk>> free_;
};

/// Grows while its trace emits; every record can be read as soon as it is emitted. Records stay where they
/// are: a RawRecord is valid as long as the recording.
class MemoryRecording final : public RecordSink, public Recording {
 public:
  explicit MemoryRecording(std::shared_ptr<ChunkPool> pool = std::make_shared<ChunkPool>());
  ~MemoryRecording() override;
  MemoryRecording(const MemoryRecording&) = delete;
  MemoryRecording& operator=(const MemoryRecording&) = delete;

  Chunk& begin(const Schema& schema) override;
  Chunk& next_chunk() override;
  void add_string(std::string_view content) override { strings_.emplace_back(content); }
  void add_blob(ByteView content) override { blobs_.emplace_back(content.begin(), content.end()); }
  void set_metadata(std::string_view text) override { metadata_ = text; }
  void finish(const Totals& totals) override { totals_ = totals; }

  std::uint64_t size() const override;
  const Schema& schema() const override { return *schema_; }
  std::string_view string(StringId id) const override;
  Bytes blob(BlobId id) const override;
  std::uint32_t strings() const override { return static_cast<std::uint32_t>(strings_.size() - 1); }
  std::uint32_t blobs() const override { return static_cast<std::uint32_t>(blobs_.size() - 1); }
  std::string_view metadata() const override { return metadata_; }
  std::optional<Totals> totals() const override { return totals_; }

 private:
  struct Part {
    std::unique_ptr<Chunk> chunk;
    std::shared_ptr<LoadedChunk> loaded;  // made when it is first read, extended when more is
  };
  std::shared_ptr<const LoadedChunk> chunk_with(RecordId id) const override;

  std::shared_ptr<ChunkPool> pool_;
  std::optional<Schema> schema_;
  mutable std::vector<Part> parts_;
  std::deque<std::string> strings_{""};
  std::deque<Bytes> blobs_{Bytes{}};
  std::string metadata_;
  std::optional<Totals> totals_;
};

}  // namespace stackscope
