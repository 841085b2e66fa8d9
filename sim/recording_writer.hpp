#pragma once
// Writes a recording to a file (or any stream) while the run goes on.

#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/recording_format.hpp"
#include "sim/sink.hpp"

struct ZSTD_CCtx_s;

namespace stackscope {

/// Whatever cannot be written is a RecordingError. A writer that is destroyed without finish() leaves a file
/// that is cut off after its last full chunk, which RecordingFile opens and says so.
class RecordingWriter final : public RecordSink {
 public:
  struct Options {
    std::size_t chunk_bytes = Chunk::kDefaultBytes;
    int level = 1;  // of zstd
  };

  explicit RecordingWriter(const std::filesystem::path& path) : RecordingWriter(path, Options()) {}
  RecordingWriter(const std::filesystem::path& path, Options options);
  /// `out` must outlive the writer.
  explicit RecordingWriter(std::ostream& out) : RecordingWriter(out, Options()) {}
  RecordingWriter(std::ostream& out, Options options);

  Chunk& begin(const Schema& schema) override;
  Chunk& next_chunk() override;
  void add_string(std::string_view content) override;
  void add_blob(ByteView content) override;
  void set_metadata(std::string_view text) override;
  void finish(const Totals& totals) override;

  std::uint64_t bytes_written() const { return written_; }

 private:
  // Strings or blobs that wait for their section.
  struct Pending {
    format::Tag tag;
    Bytes bytes;
    std::uint64_t first = 1;
    std::uint32_t count = 0;
  };
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };

  void add(Pending& pending, ByteView content);
  void flush(Pending& pending);
  void flush_chunk();
  void write_section(format::Tag tag, std::uint64_t first, std::uint32_t count, ByteView raw);
  void write(ByteView bytes);

  std::ofstream file_;
  std::ostream& out_;
  Options options_;
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<Chunk> chunk_;
  Bytes stored_;
  Pending strings_{format::Tag::kStrings, {}}, blobs_{format::Tag::kBlobs, {}};
  std::string metadata_;
  std::vector<format::SectionPlace> sections_;
  std::uint64_t written_ = 0;
};

}  // namespace stackscope
