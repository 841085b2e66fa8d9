#include "sim/recording.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sim/fingerprint.hpp"

namespace stackscope {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (c == '\n') {
      result += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string field_text(const Recording& recording, const FieldSchema& field, const RawRecord& record) {
  const std::uint64_t bits = unsigned_value(field, record);
  const std::int64_t number = value(field, record);
  switch (field.type) {
    case FieldType::kBool:
      return bits != 0 ? "true" : "false";
    case FieldType::kDuration:
    case FieldType::kInstant:
      return fmt::format("{}ns", number);
    case FieldType::kRecord:
      return fmt::format("#{}", bits);
    case FieldType::kString:
      return quoted(recording.string(StringId{static_cast<std::uint32_t>(bits)}));
    case FieldType::kBlob:
      return fmt::format("blob#{}", bits);
    case FieldType::kEnum:
      if (const std::string_view name = field.name_of(number); !name.empty()) return std::string(name);
      break;
    default:
      break;
  }
  return field.is_signed ? fmt::format("{}", number) : fmt::format("{}", bits);
}

}  // namespace

LoadedChunk::LoadedChunk(const Schema& schema, std::uint64_t first, Bytes storage)
    : schema_(schema), first_(first), storage_(std::move(storage)) {}

void LoadedChunk::extend(ByteView bytes, std::uint32_t records) {
  std::size_t at = bytes_.size();
  for (std::uint32_t i = records_; i < records; ++i) {
    if (i % kMarkEvery == 0) marks_.push_back(static_cast<std::uint32_t>(at));
    if (bytes.size() - at < kHeaderBytes) throw RecordingError("a chunk ends inside a record", at);
    const std::size_t size = schema_.record_bytes(load<std::uint16_t>(bytes.data() + at + 16));
    if (size == 0) throw RecordingError("a record is of an unknown kind", at);
    if (bytes.size() - at < size) throw RecordingError("a chunk ends inside a record", at);
    at += size;
  }
  if (at != bytes.size()) throw RecordingError("a chunk goes on after its last record", at);
  bytes_ = bytes;
  records_ = records;
}

std::size_t LoadedChunk::position(RecordId id) const {
  const auto index = static_cast<std::uint32_t>(id.value - first_);
  std::size_t at = marks_[index / kMarkEvery];
  for (std::uint32_t i = index % kMarkEvery; i > 0; --i) {
    at += schema_.record_bytes(load<std::uint16_t>(bytes_.data() + at + 16));
  }
  return at;
}

RawRecord LoadedChunk::read(RecordId id, std::size_t position) const {
  const RecordHeader header = decode_header(bytes_.data() + position);
  const std::size_t bytes = schema_.record_bytes(header.kind);
  return {id, header, bytes_.subspan(position + kHeaderBytes, bytes - kHeaderBytes)};
}

RecordIterator::RecordIterator(const Recording& recording, RecordId id, RecordId end)
    : recording_(&recording), end_(end) {
  record_.id = id;
  if (id < end) fetch();
}

RecordIterator& RecordIterator::operator++() {
  position_ += kHeaderBytes + record_.fields.size();
  ++record_.id.value;
  if (record_.id >= end_) return *this;
  if (chunk_->holds(record_.id)) {
    record_ = chunk_->read(record_.id, position_);
  } else {
    fetch();
  }
  return *this;
}

void RecordIterator::fetch() {
  chunk_ = recording_->checked_chunk_with(record_.id);
  position_ = chunk_->position(record_.id);
  record_ = chunk_->read(record_.id, position_);
}

std::shared_ptr<const LoadedChunk> Recording::checked_chunk_with(RecordId id) const {
  if (!id || id.value > size()) throw RecordingError(fmt::format("no record #{} of {}", id.value, size()), 0);
  return chunk_with(id);
}

RawRecord Recording::at(RecordId id) const {
  if (!latest_ || !latest_->holds(id)) latest_ = checked_chunk_with(id);
  return latest_->read(id, latest_->position(id));
}

RecordId Recording::first_at(Instant time) const {
  std::uint64_t low = 1, high = size() + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (at(RecordId{middle}).header.at < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return RecordId{low};
}

std::string Recording::text(const RawRecord& record) const {
  const KindSchema& kind = schema().kind(record.header.kind);
  std::string result = kind.name;
  for (const FieldSchema& field : kind.fields) {
    result += fmt::format(" {}={}", field.name, field_text(*this, field, record));
  }
  return result;
}

Fingerprints fingerprints_of(const Recording& recording) {
  ContentDigests contents;
  for (std::uint32_t i = 1; i <= recording.strings(); ++i) contents.add_string(recording.string(StringId{i}));
  for (std::uint32_t i = 1; i <= recording.blobs(); ++i) contents.add_blob(recording.blob(BlobId{i}));
  Fingerprinter fingerprinter;
  for (const RawRecord& record : recording.records()) {
    fingerprinter.add(record, recording.schema().kind(record.header.kind), contents);
  }
  return fingerprinter.fingerprints();
}

}  // namespace stackscope
