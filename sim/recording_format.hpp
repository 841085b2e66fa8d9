#pragma once
// The file format of recordings, version 1; shared by the writer and the reader. Numbers are little-endian.
//
//     file     = magic 8 | version 4 | sections … | trailer
//     section  = header 32 | stored bytes (one zstd frame)
//     header   = tag 4 | stored size 4 | raw size 4 | count 4 | first 8 | digest 8
//     trailer  = offset of the index section 8 | end magic 8
//
// The digest is XXH3-64 over the header's first 24 bytes and the XXH3-64 of the stored bytes, so that damage is
// told apart from data. Sections:
//
//     SCHM   the schema; always the first
//     STRS   `count` strings from id `first`, each a length (4) and its bytes; before the records naming them
//     BLOB   the same for blobs
//     RECS   `count` records from id `first`
//     META   free text about the run; the last one counts
//     INDX   totals, the metadata, and where the sections are; the last section of a run that ended
//
// A file whose writer died has no index and no trailer; its sections up to there can be read all the same.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/bytes.hpp"
#include "sim/fingerprint.hpp"

namespace stackscope::format {

/// Not text, and damaged by whoever treats it as text: a high bit, a carriage return, an end of file.
inline constexpr std::array<unsigned char, 8> kMagic = {0x89, 'S', 'S', 'R', '\r', '\n', 0x1a, '\n'};
inline constexpr std::array<unsigned char, 8> kEndMagic = {0x89, 'S', 'S', 'E', 'N', 'D', '\r', '\n'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kFileHeaderBytes = 12, kSectionHeaderBytes = 32, kTrailerBytes = 16;
inline constexpr std::size_t kMostRawBytes = 80 * 1024 * 1024;
inline constexpr std::size_t kMostRatio = 64 * 1024;  // zstd cannot expand more than that

enum class Tag : std::uint32_t {
  kSchema = 0x4d484353,
  kStrings = 0x53525453,
  kBlobs = 0x424f4c42,
  kRecords = 0x53434552,
  kMetadata = 0x4154454d,
  kIndex = 0x58444e49,
};

struct SectionHeader {
  Tag tag;
  std::uint32_t stored_bytes = 0, raw_bytes = 0, count = 0;
  std::uint64_t first = 0;
  std::uint64_t digest = 0;
};

/// The first 24 bytes of a header: what the digest covers besides the stored bytes.
inline Bytes digested_part(const SectionHeader& header) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.put(static_cast<std::uint32_t>(header.tag));
  out.put(header.stored_bytes), out.put(header.raw_bytes), out.put(header.count), out.put(header.first);
  return bytes;
}

inline std::uint64_t section_digest(const SectionHeader& header, ByteView stored) {
  Bytes bytes = digested_part(header);
  ByteWriter out(bytes);
  out.put(content_digest(stored));
  return content_digest(bytes);
}

/// One entry of the index, and of the reader's directory.
struct SectionPlace {
  Tag tag;
  std::uint32_t count;
  std::uint64_t first;
  std::uint64_t offset;  // of its header in the file
};

}  // namespace stackscope::format
