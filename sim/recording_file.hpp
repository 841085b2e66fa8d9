#pragma once
// Opens a recording that was written to a file. Trusts nothing in it: foreign, cut off or damaged files end
// in a RecordingError with a reason and a byte offset, or open as far as they are whole; never in undefined
// behaviour or in an allocation that the file's own size does not justify.

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/recording.hpp"
#include "sim/recording_format.hpp"

struct ZSTD_DCtx_s;

namespace stackscope {

/// Bytes at offsets: a file, or memory.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  /// REQUIRES: the range lies within size(). A RecordingError where it cannot be read.
  virtual void read(std::uint64_t offset, std::span<std::byte> into) = 0;

  static std::unique_ptr<ByteSource> file(const std::filesystem::path& path);
  static std::unique_ptr<ByteSource> memory(Bytes bytes);
};

/// The schema and the strings are read at once; records and blobs when they are asked for, by the chunk.
class RecordingFile final : public Recording {
 public:
  explicit RecordingFile(const std::filesystem::path& path) : RecordingFile(ByteSource::file(path)) {}
  explicit RecordingFile(std::unique_ptr<ByteSource> source);
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;
  ~RecordingFile() override;

  /// Why the file ends early or its index cannot be used, and where. What came before is readable.
  const std::optional<std::string>& damage() const { return damage_; }

  std::uint64_t size() const override { return contents_.records; }
  const Schema& schema() const override { return *schema_; }
  std::string_view string(StringId id) const override;
  Bytes blob(BlobId id) const override;
  std::uint32_t strings() const override { return static_cast<std::uint32_t>(contents_.strings.size()); }
  std::uint32_t blobs() const override { return contents_.blobs; }
  std::string_view metadata() const override { return contents_.metadata; }
  std::optional<Totals> totals() const override { return contents_.totals; }

 private:
  // What the index says, or a scan found.
  struct Contents {
    std::vector<format::SectionPlace> record_sections, blob_sections;
    std::vector<std::string> strings;
    std::uint64_t records = 0;
    std::uint32_t blobs = 0;
    std::string metadata;
    std::optional<Totals> totals;
  };
  struct CachedChunk {
    std::uint64_t offset;
    std::shared_ptr<const LoadedChunk> chunk;
  };
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  std::uint64_t open_schema();
  Contents read_index() const;
  Contents scan(std::uint64_t offset);
  void add_section(Contents& contents, const format::SectionPlace& section) const;

  format::SectionHeader read_header(std::uint64_t offset) const;
  Bytes read_stored(std::uint64_t offset, const format::SectionHeader& header) const;
  Bytes read_raw(std::uint64_t offset, const format::SectionHeader& header) const;
  Bytes read_raw(const format::SectionPlace& place) const;
  std::shared_ptr<const LoadedChunk> chunk_with(RecordId id) const override;

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;
  std::optional<Schema> schema_;
  Contents contents_;
  std::optional<std::string> damage_;
  mutable std::list<CachedChunk> cache_;  // the latest first
};

}  // namespace stackscope
