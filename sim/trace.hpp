#pragma once
// The one way in which the model tells what it does: `trace.emit(FrameArrived{queue, slot, bytes});`
//
// A record is encoded once, into its sink's chunk, and counted into the fingerprints; it then is the cause of
// whatever follows in this flow of control. Whether anybody keeps or watches the records changes none of
// them.

#include <cassert>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/fingerprint.hpp"
#include "sim/moment.hpp"
#include "sim/record.hpp"
#include "sim/schema.hpp"
#include "sim/sink.hpp"

namespace stackscope {

class Trace {
 public:
  using Observer = std::function<void(const RawRecord&)>;
  /// No string or blob may be larger: std::length_error.
  static constexpr std::size_t kMostBlobBytes = 64 * 1024 * 1024;

  /// All three must outlive the trace. Records emitted must be of the schema's list.
  Trace(Moment& moment, const Schema& schema, RecordSink& sink);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  /// Tells a record, with the moment's time, place and cause. Returns its id, which now is the moment's
  /// cause.
  template <class R>
  RecordId emit(const R& record) {
    return emit(record, moment_.cause);
  }
  /// The same with an explicit cause.
  template <class R>
  RecordId emit(const R& record, RecordId cause);

  /// The id of a string; the same content has the same id. The empty string is StringId{}.
  StringId intern(std::string_view text);
  /// The string of an id. It looks at all strings: for reports, not for every record.
  std::string_view text_of(StringId id) const;
  /// The id of some bytes; the same content has the same id. No bytes are BlobId{}.
  BlobId blob(std::span<const std::byte> bytes);

  /// Free text that the recording carries: scenario, variant, seed. The last one counts.
  void set_metadata(std::string_view text) { sink_.set_metadata(text); }
  /// Called with every record of the kinds that `is_watched` tells (a flag a kind; empty: all), after it was told; the
  /// record's bytes are valid during the call. An empty function ends it. The observer must not emit.
  void set_observer(Observer observer, std::vector<bool> is_watched = {});

  Moment& moment() { return moment_; }
  const Schema& schema() const { return schema_; }
  std::uint64_t records() const { return records_; }
  /// Of all records so far.
  Fingerprints fingerprints() { return fingerprinter_.fingerprints(); }
  /// Ends the recording; nothing may be emitted afterwards.
  Totals finish();

 private:
  std::byte* room(std::size_t bytes) {
    if (bytes > chunk_->capacity - chunk_->used) next_chunk();
    return chunk_->bytes.get() + chunk_->used;
  }
  void next_chunk();
  void observe(const std::byte* record, std::size_t bytes) const;

  Moment& moment_;
  const Schema& schema_;
  RecordSink& sink_;
  Chunk* chunk_;
  std::uint64_t records_ = 0;
  bool finished_ = false;
  Fingerprinter fingerprinter_;
  ContentDigests contents_;
  Observer observer_;
  std::vector<std::uint8_t> is_watched_;  // by kind: whether the observer hears of it
  std::map<std::string, StringId, std::less<>> strings_;
  // By 128 bits of hash and the length, so that a blob is not kept twice in memory.
  std::map<std::pair<std::pair<std::uint64_t, std::uint64_t>, std::size_t>, BlobId> blobs_;
};

template <class R>
RecordId Trace::emit(const R& record, RecordId cause) {
  static_assert(requires { KindOf<R>::value; }, "include the header with the program's list of records");
  const RecordHeader header{moment_.now, cause, KindOf<R>::value, moment_.place};
  const std::size_t bytes = field_bytes<R>();
  assert(!finished_ && schema_.record_bytes(header.kind) == kHeaderBytes + bytes);

  std::byte* const out = room(kHeaderBytes + bytes);
  encode_header(header, out);
  encode_fields(record, out + kHeaderBytes);
  chunk_->used += kHeaderBytes + bytes;
  ++chunk_->records;
  fingerprinter_.add(header, record, bytes, contents_);
  moment_.cause = RecordId{++records_};
  if (is_watched_[header.kind] != 0) observe(out, kHeaderBytes + bytes);
  return RecordId{records_};
}

}  // namespace stackscope
