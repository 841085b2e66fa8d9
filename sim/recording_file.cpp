#include "sim/recording_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <new>
#include <span>
#include <utility>
#include <zstd.h>

namespace stackscope {
namespace {

using format::SectionHeader;
using format::SectionPlace;
using format::Tag;

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path) : in_(path, std::ios::binary | std::ios::ate) {
    const auto end = in_ ? static_cast<std::streamoff>(in_.tellg()) : -1;
    if (end < 0 || !std::filesystem::is_regular_file(path))
      throw RecordingError("cannot read " + path.string(), 0);
    size_ = static_cast<std::uint64_t>(end);
  }
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> into) override {
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    if (!in_) throw RecordingError("cannot read the recording", offset);
  }

 private:
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> into) override {
    std::ranges::copy(ByteView(bytes_).subspan(offset, into.size()), into.begin());
  }

 private:
  Bytes bytes_;
};

bool is_at(ByteView bytes, std::span<const unsigned char> magic) {
  return std::ranges::equal(bytes, std::as_bytes(magic));
}

/// The section that holds an id. REQUIRES: sections from 1 without gaps, and the id is in one.
const SectionPlace& section_with(const std::vector<SectionPlace>& sections, std::uint64_t id) {
  return *std::prev(std::ranges::upper_bound(sections, id, {}, &SectionPlace::first));
}

/// The least that one item of a section takes, so that a count can be held against the bytes.
std::size_t least_item_bytes(Tag tag) {
  if (tag == Tag::kRecords) return kHeaderBytes;
  return tag == Tag::kStrings || tag == Tag::kBlobs ? 4 : 0;
}

}  // namespace

std::unique_ptr<ByteSource> ByteSource::file(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path);
}
std::unique_ptr<ByteSource> ByteSource::memory(Bytes bytes) {
  return std::make_unique<MemorySource>(std::move(bytes));
}

void RecordingFile::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

RecordingFile::RecordingFile(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), decompressor_(ZSTD_createDCtx()) {
  if (!decompressor_) throw std::bad_alloc();
  const std::uint64_t after_schema = open_schema();
  try {
    contents_ = read_index();
  } catch (const RecordingError& error) {
    damage_ = error.what();
    contents_ = scan(after_schema);
  }
}

RecordingFile::~RecordingFile() = default;

// Without the schema nothing can be read: damage up to there is the file's end.
std::uint64_t RecordingFile::open_schema() {
  Bytes start(std::min<std::uint64_t>(source_->size(), format::kFileHeaderBytes));
  source_->read(0, start);
  const std::size_t magic = std::min(start.size(), format::kMagic.size());
  if (magic == 0 || !is_at(ByteView(start).first(magic), std::span(format::kMagic).first(magic))) {
    throw RecordingError("not a recording of stackscope", 0);
  }
  if (start.size() < format::kFileHeaderBytes) throw RecordingError("the recording is cut off", start.size());
  const auto version = load<std::uint32_t>(start.data() + 8);
  if (version != format::kVersion) {
    throw RecordingError(
        fmt::format("the recording has format {}, this program reads {}", version, format::kVersion), 8);
  }
  const SectionHeader header = read_header(format::kFileHeaderBytes);
  if (header.tag != Tag::kSchema)
    throw RecordingError("the recording has no schema", format::kFileHeaderBytes);
  const std::uint64_t content = format::kFileHeaderBytes + format::kSectionHeaderBytes;
  schema_ = Schema::parse(read_raw(format::kFileHeaderBytes, header), content);
  return content + header.stored_bytes;
}

RecordingFile::Contents RecordingFile::read_index() const {
  const std::uint64_t size = source_->size();
  Bytes trailer(format::kTrailerBytes);
  if (size < trailer.size()) throw RecordingError("the recording is cut off", size);
  source_->read(size - trailer.size(), trailer);
  if (!is_at(ByteView(trailer).subspan(8), format::kEndMagic))
    throw RecordingError("the recording has no end", size);
  const auto index_offset = load<std::uint64_t>(trailer.data());
  const SectionHeader header = read_header(index_offset);
  if (header.tag != Tag::kIndex) throw RecordingError("the recording's index is damaged", index_offset);

  const Bytes raw = read_raw(index_offset, header);
  ByteReader in(raw, index_offset);
  Contents contents;
  Totals totals{in.take<std::uint64_t>(), {}};
  totals.fingerprints.whole.value = in.take<std::uint64_t>();
  for (Fingerprint& layer : totals.fingerprints.layers) layer.value = in.take<std::uint64_t>();
  contents.totals = totals;
  contents.metadata = in.take_text();
  for (auto sections = in.take<std::uint32_t>(); sections > 0; --sections) {
    SectionPlace place{static_cast<Tag>(in.take<std::uint32_t>()), in.take<std::uint32_t>(),
                       in.take<std::uint64_t>(), in.take<std::uint64_t>()};
    if (place.tag != Tag::kMetadata) add_section(contents, place);
  }
  in.expect_end();
  if (contents.records != totals.records) in.fail("the index does not cover all records");
  return contents;
}

// Section by section up to the first damage, which is said where the index did not say more.
RecordingFile::Contents RecordingFile::scan(std::uint64_t offset) {
  Contents contents;
  try {
    while (offset < source_->size()) {
      const SectionHeader header = read_header(offset);
      if (header.tag == Tag::kIndex) break;
      if (format::section_digest(header, read_stored(offset, header)) != header.digest) {
        throw RecordingError("a section of the recording is damaged", offset);
      }
      if (header.tag == Tag::kMetadata) {
        const Bytes text = read_raw(offset, header);
        contents.metadata.assign(reinterpret_cast<const char*>(text.data()), text.size());
      }
      add_section(contents, {header.tag, header.count, header.first, offset});
      offset += format::kSectionHeaderBytes + header.stored_bytes;
    }
  } catch (const RecordingError& error) {
    damage_ = error.what();
  }
  return contents;
}

// Ids have no gaps: what is missing in the middle is damage.
void RecordingFile::add_section(Contents& contents, const SectionPlace& section) const {
  const auto expect_first = [&section](std::uint64_t first) {
    if (section.first != first || section.count == 0)
      throw RecordingError("a section is out of order", section.offset);
  };
  switch (section.tag) {
    case Tag::kRecords:
      expect_first(contents.records + 1);
      contents.records += section.count;
      contents.record_sections.push_back(section);
      return;
    case Tag::kBlobs:
      expect_first(contents.blobs + std::uint64_t{1});
      contents.blobs += section.count;
      contents.blob_sections.push_back(section);
      return;
    case Tag::kStrings: {
      expect_first(contents.strings.size() + 1);
      const Bytes raw = read_raw(section);
      ByteReader in(raw, section.offset);
      for (std::uint32_t i = 0; i < section.count; ++i) contents.strings.emplace_back(in.take_text());
      in.expect_end();
      return;
    }
    case Tag::kSchema:
    case Tag::kMetadata:
      return;
    case Tag::kIndex:
      break;
  }
  throw RecordingError("the recording has a section of an unknown kind", section.offset);
}

SectionHeader RecordingFile::read_header(std::uint64_t offset) const {
  const std::uint64_t size = source_->size();
  if (offset > size || size - offset < format::kSectionHeaderBytes)
    throw RecordingError("the recording is cut off", offset);
  Bytes bytes(format::kSectionHeaderBytes);
  source_->read(offset, bytes);
  ByteReader in(bytes, offset);
  SectionHeader header{static_cast<Tag>(in.take<std::uint32_t>())};
  header.stored_bytes = in.take<std::uint32_t>();
  header.raw_bytes = in.take<std::uint32_t>();
  header.count = in.take<std::uint32_t>();
  header.first = in.take<std::uint64_t>();
  header.digest = in.take<std::uint64_t>();

  const bool fits = size - offset - format::kSectionHeaderBytes >= header.stored_bytes;
  if (!fits) throw RecordingError("the recording is cut off inside a section", offset);
  const std::size_t most =
      std::min<std::uint64_t>(format::kMostRawBytes, header.stored_bytes * format::kMostRatio);
  const std::uint64_t least = header.count * std::uint64_t{least_item_bytes(header.tag)};
  if (header.raw_bytes > most || header.raw_bytes < least) {
    throw RecordingError("a section of the recording has an impossible size", offset);
  }
  return header;
}

Bytes RecordingFile::read_stored(std::uint64_t offset, const SectionHeader& header) const {
  Bytes stored(header.stored_bytes);
  source_->read(offset + format::kSectionHeaderBytes, stored);
  return stored;
}

Bytes RecordingFile::read_raw(std::uint64_t offset, const SectionHeader& header) const {
  const Bytes stored = read_stored(offset, header);
  if (format::section_digest(header, stored) != header.digest) {
    throw RecordingError("a section of the recording is damaged", offset);
  }
  Bytes raw(header.raw_bytes);
  const std::size_t size =
      ZSTD_decompressDCtx(decompressor_.get(), raw.data(), raw.size(), stored.data(), stored.size());
  if (ZSTD_isError(size) || size != raw.size())
    throw RecordingError("a section cannot be decompressed", offset);
  return raw;
}

Bytes RecordingFile::read_raw(const SectionPlace& place) const {
  const SectionHeader header = read_header(place.offset);
  if (header.tag != place.tag || header.first != place.first || header.count != place.count) {
    throw RecordingError("a section is not what the index says", place.offset);
  }
  return read_raw(place.offset, header);
}

std::string_view RecordingFile::string(StringId id) const {
  if (id.value > contents_.strings.size()) throw RecordingError(fmt::format("no string {}", id.value), 0);
  return id.value == 0 ? std::string_view{} : contents_.strings[id.value - 1];
}

Bytes RecordingFile::blob(BlobId id) const {
  if (id.value > contents_.blobs) throw RecordingError(fmt::format("no blob {}", id.value), 0);
  if (id.value == 0) return {};
  const SectionPlace& section = section_with(contents_.blob_sections, id.value);
  const Bytes raw = read_raw(section);
  ByteReader in(raw, section.offset);
  for (std::uint64_t skip = id.value - section.first; skip > 0; --skip) in.take_block();
  const ByteView content = in.take_block();
  return {content.begin(), content.end()};
}

std::shared_ptr<const LoadedChunk> RecordingFile::chunk_with(RecordId id) const {
  const SectionPlace& section = section_with(contents_.record_sections, id.value);
  const auto cached = std::ranges::find(cache_, section.offset, &CachedChunk::offset);
  if (cached != cache_.end()) {
    cache_.splice(cache_.begin(), cache_, cached);
    return cached->chunk;
  }
  auto chunk = std::make_shared<LoadedChunk>(*schema_, section.first, read_raw(section));
  chunk->extend(chunk->storage(), section.count);
  cache_.push_front({section.offset, chunk});
  if (cache_.size() > kCachedChunks) cache_.pop_back();
  return chunk;
}

}  // namespace stackscope
