#include "sim/fingerprint.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <new>
#include <span>
#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // the same hash by the widest vectors that this machine has
#endif

namespace stackscope {

std::string Fingerprint::text() const { return fmt::format("{:016x}", value); }

std::optional<Fingerprint> Fingerprint::parse(std::string_view text) {
  Fingerprint result;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.value, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return result;
}

std::uint64_t content_digest(ByteView content) { return XXH3_64bits(content.data(), content.size()); }

ContentDigests::ContentDigests() : strings_{content_digest({})}, blobs_{content_digest({})} {}

void ContentDigests::add_string(std::string_view content) {
  strings_.push_back(content_digest(std::as_bytes(std::span(content))));
}

void ContentDigests::add_blob(ByteView content) { blobs_.push_back(content_digest(content)); }

std::uint64_t ContentDigests::fail() {
  throw RecordingError("a record names a string or a blob that does not exist", 0);
}

void HashStream::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

HashStream::HashStream() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

void HashStream::flush() {
  XXH3_64bits_update(state_.get(), buffer_.data(), used_);
  used_ = 0;
}

std::uint64_t HashStream::digest() {
  flush();
  return XXH3_64bits_digest(state_.get());
}

void Fingerprinter::add(const RawRecord& record, const KindSchema& kind, const ContentDigests& contents) {
  Pens pens = begin(record.header, kind.hash, kind.layer, kind.field_bytes);
  for (const FieldSchema& field : kind.fields) {
    const std::byte* in = record.fields.data() + field.offset;
    switch (field.type) {
      case FieldType::kRecord:
        pens.spine = put(pens.spine, load<std::uint64_t>(in));
        break;
      case FieldType::kString:
        pens.layer = put(pens.layer, contents.of(StringId{load<std::uint32_t>(in)}));
        break;
      case FieldType::kBlob:
        pens.layer = put(pens.layer, contents.of(BlobId{load<std::uint32_t>(in)}));
        break;
      default:
        pens.layer = std::copy_n(in, field.bytes, pens.layer);
    }
  }
  end(pens, kind.layer);
}

Fingerprints Fingerprinter::fingerprints() {
  Fingerprints result;
  Bytes digests;
  ByteWriter out(digests);
  out.put(spine_.digest());
  for (std::size_t i = 0; i < kLayers; ++i) {
    result.layers[i].value = layers_[i].digest();
    out.put(result.layers[i].value);
  }
  result.whole.value = content_digest(digests);
  return result;
}

}  // namespace stackscope
