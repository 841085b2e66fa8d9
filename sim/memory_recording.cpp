#include "sim/memory_recording.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace stackscope {

std::unique_ptr<Chunk> ChunkPool::take(std::size_t least) {
  if (free_.empty() || free_.back()->capacity < least)
    return std::make_unique<Chunk>(std::max(least, chunk_bytes_));
  std::unique_ptr<Chunk> chunk = std::move(free_.back());
  free_.pop_back();
  return chunk;
}

MemoryRecording::MemoryRecording(std::shared_ptr<ChunkPool> pool) : pool_(std::move(pool)) {}

MemoryRecording::~MemoryRecording() {
  for (Part& part : parts_) pool_->give(std::move(part.chunk));
}

Chunk& MemoryRecording::begin(const Schema& schema) {
  assert(!schema_ && "a recording holds one run");
  schema_ = schema;
  return next_chunk();
}

Chunk& MemoryRecording::next_chunk() {
  parts_.push_back({pool_->take(schema_->largest_record_bytes()), nullptr});
  return *parts_.back().chunk;
}

std::uint64_t MemoryRecording::size() const {
  if (parts_.empty()) return 0;
  const Chunk& last = *parts_.back().chunk;
  return last.first - 1 + last.records;
}

std::string_view MemoryRecording::string(StringId id) const {
  if (id.value >= strings_.size()) throw RecordingError("no such string", 0);
  return strings_[id.value];
}

Bytes MemoryRecording::blob(BlobId id) const {
  if (id.value >= blobs_.size()) throw RecordingError("no such blob", 0);
  return blobs_[id.value];
}

std::shared_ptr<const LoadedChunk> MemoryRecording::chunk_with(RecordId id) const {
  const auto after =
      std::ranges::upper_bound(parts_, id.value, {}, [](const Part& part) { return part.chunk->first; });
  Part& part = *std::prev(after);
  if (!part.loaded) part.loaded = std::make_shared<LoadedChunk>(*schema_, part.chunk->first);
  if (!part.loaded->holds(id)) part.loaded->extend(part.chunk->content(), part.chunk->records);
  return part.loaded;
}

}  // namespace stackscope
