#include "sim/trace.hpp"

#include <stdexcept>
#include <xxhash.h>

namespace stackscope {

Trace::Trace(Moment& moment, const Schema& schema, RecordSink& sink)
    : moment_(moment),
      schema_(schema),
      sink_(sink),
      chunk_(&sink.begin(schema)),
      is_watched_(schema.kinds().size()) {
  chunk_->restart(1);
}

void Trace::set_observer(Observer observer, std::vector<bool> is_watched) {
  assert(is_watched.empty() || is_watched.size() == is_watched_.size());
  observer_ = std::move(observer);
  for (std::size_t kind = 0; kind < is_watched_.size(); ++kind) {
    is_watched_[kind] = observer_ && (is_watched.empty() || is_watched[kind]) ? 1 : 0;
  }
}

StringId Trace::intern(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() > kMostBlobBytes) throw std::length_error("a string is too large for a recording");
  if (const auto known = strings_.find(text); known != strings_.end()) return known->second;
  const StringId id{static_cast<std::uint32_t>(strings_.size() + 1)};
  strings_.emplace(text, id);
  contents_.add_string(text);
  sink_.add_string(text);
  return id;
}

std::string_view Trace::text_of(StringId id) const {
  for (const auto& [text, known] : strings_) {
    if (known == id) return text;
  }
  return {};
}

BlobId Trace::blob(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  if (bytes.size() > kMostBlobBytes) throw std::length_error("a blob is too large for a recording");
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  const BlobId next{static_cast<std::uint32_t>(blobs_.size() + 1)};
  const auto [entry, is_new] = blobs_.try_emplace({{hash.high64, hash.low64}, bytes.size()}, next);
  if (is_new) {
    contents_.add_blob(bytes);
    sink_.add_blob(bytes);
  }
  return entry->second;
}

Totals Trace::finish() {
  const Totals totals{records_, fingerprints()};
  if (!std::exchange(finished_, true)) sink_.finish(totals);
  return totals;
}

void Trace::next_chunk() {
  chunk_ = &sink_.next_chunk();
  chunk_->restart(records_ + 1);
}

void Trace::observe(const std::byte* record, std::size_t bytes) const {
  const ByteView fields(record + kHeaderBytes, bytes - kHeaderBytes);
  observer_({RecordId{records_}, decode_header(record), fields});
}

}  // namespace stackscope
