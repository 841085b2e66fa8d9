#include "sim/recording_writer.hpp"

#include <algorithm>
#include <new>
#include <span>
#include <zstd.h>

namespace stackscope {
namespace {

constexpr std::size_t kPendingBytes = 1024 * 1024;

Bytes index_bytes(const Totals& totals, std::string_view metadata,
                  std::span<const format::SectionPlace> sections) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.put(totals.records);
  out.put(totals.fingerprints.whole.value);
  for (const Fingerprint& layer : totals.fingerprints.layers) out.put(layer.value);
  out.put_text(metadata);
  out.put(static_cast<std::uint32_t>(sections.size()));
  for (const format::SectionPlace& section : sections) {
    out.put(static_cast<std::uint32_t>(section.tag));
    out.put(section.count), out.put(section.first), out.put(section.offset);
  }
  return bytes;
}

}  // namespace

void RecordingWriter::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

RecordingWriter::RecordingWriter(const std::filesystem::path& path, Options options)
    : file_(path, std::ios::binary | std::ios::trunc),
      out_(file_),
      options_(options),
      compressor_(ZSTD_createCCtx()) {
  if (!file_) throw RecordingError("cannot write " + path.string(), 0);
  if (!compressor_) throw std::bad_alloc();
}

RecordingWriter::RecordingWriter(std::ostream& out, Options options)
    : out_(out), options_(options), compressor_(ZSTD_createCCtx()) {
  if (!compressor_) throw std::bad_alloc();
}

Chunk& RecordingWriter::begin(const Schema& schema) {
  write(std::as_bytes(std::span(format::kMagic)));
  Bytes version;
  ByteWriter(version).put(format::kVersion);
  write(version);
  write_section(format::Tag::kSchema, 0, static_cast<std::uint32_t>(schema.size()), schema.serialised());
  chunk_ = std::make_unique<Chunk>(std::max(options_.chunk_bytes, schema.largest_record_bytes()));
  return *chunk_;
}

Chunk& RecordingWriter::next_chunk() {
  flush_chunk();
  return *chunk_;
}

void RecordingWriter::add_string(std::string_view content) {
  add(strings_, std::as_bytes(std::span(content)));
}

void RecordingWriter::add_blob(ByteView content) { add(blobs_, content); }

void RecordingWriter::set_metadata(std::string_view text) {
  metadata_ = text;
  write_section(format::Tag::kMetadata, 0, 0, std::as_bytes(std::span(text)));
}

void RecordingWriter::finish(const Totals& totals) {
  flush_chunk();
  const std::uint64_t index_offset = written_;
  const Bytes index = index_bytes(totals, metadata_, sections_);
  write_section(format::Tag::kIndex, 0, static_cast<std::uint32_t>(sections_.size()), index);
  Bytes trailer;
  ByteWriter out(trailer);
  out.put(index_offset);
  out.put_bytes(std::as_bytes(std::span(format::kEndMagic)));
  write(trailer);
  if (!out_.flush()) throw RecordingError("cannot write the recording's end", written_);
}

void RecordingWriter::add(Pending& pending, ByteView content) {
  ByteWriter(pending.bytes).put_block(content);
  ++pending.count;
  if (pending.bytes.size() >= kPendingBytes) flush(pending);
}

void RecordingWriter::flush(Pending& pending) {
  if (pending.count == 0) return;
  write_section(pending.tag, pending.first, pending.count, pending.bytes);
  pending.first += pending.count;
  pending.count = 0;
  pending.bytes.clear();
}

// Strings and blobs go first, because a file that is cut off must hold those that its records name.
void RecordingWriter::flush_chunk() {
  flush(strings_);
  flush(blobs_);
  if (chunk_->records > 0)
    write_section(format::Tag::kRecords, chunk_->first, chunk_->records, chunk_->content());
  chunk_->restart(chunk_->first + chunk_->records);
}

void RecordingWriter::write_section(format::Tag tag, std::uint64_t first, std::uint32_t count, ByteView raw) {
  stored_.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size = ZSTD_compressCCtx(compressor_.get(), stored_.data(), stored_.size(), raw.data(),
                                             raw.size(), options_.level);
  if (ZSTD_isError(size)) throw RecordingError(ZSTD_getErrorName(size), written_);
  const ByteView stored(stored_.data(), size);

  format::SectionHeader header{tag, static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(raw.size()),
                               count, first};
  Bytes bytes = format::digested_part(header);
  ByteWriter(bytes).put(format::section_digest(header, stored));
  sections_.push_back({tag, count, first, written_});
  write(bytes);
  write(stored);
}

void RecordingWriter::write(ByteView bytes) {
  out_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out_) throw RecordingError("cannot write the recording", written_);
  written_ += bytes.size();
}

}  // namespace stackscope
