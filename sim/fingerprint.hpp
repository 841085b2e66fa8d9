#pragma once
// Fingerprints: whether two runs told the same story, in 16 hex digits, and which layer told another one.
//
// One XXH3-64 a layer, over that layer's records in order, each as
//     time 8 | name_hash(kind) 8 | host 1 | cpu 1 | fields …
// and one over the spine, which holds of every record in order
//     time 8 | cause 8 | name_hash(kind) 8 | host 1 | cpu 1 | fields that name records …
// The whole is XXH3-64 over the digests of the spine and of the layers.
//
// Invariants, each of them tested:
// - Layers are independent. What depends on other layers' records stays out of a layer: ids, causes and
// fields that
//   name a record are in the spine; a string or a blob counts by XXH3-64 of its content, not by its number.
// - A kind counts by its name, not by its position: a kind that is added to the list changes no fingerprint.
// - Chunks, sinks and moments at which digests are taken change nothing.

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/encoding.hpp"
#include "sim/schema.hpp"

struct XXH3_state_s;

namespace stackscope {

struct Fingerprint {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Fingerprint&) const = default;
  /// 16 hex digits, and back; nothing where it is not that.
  std::string text() const;
  static std::optional<Fingerprint> parse(std::string_view text);
};

struct Fingerprints {
  Fingerprint whole;
  std::array<Fingerprint, kLayers> layers;
  bool operator==(const Fingerprints&) const = default;
};

/// XXH3-64 of some content: what a string or a blob counts as.
std::uint64_t content_digest(ByteView content);

/// The digests of the strings and blobs that records name, by their ids; id 0 is the empty one.
class ContentDigests {
 public:
  ContentDigests();
  void add_string(std::string_view content);
  void add_blob(ByteView content);
  /// A RecordingError where there is no such string or blob.
  std::uint64_t of(StringId id) const { return id.value < strings_.size() ? strings_[id.value] : fail(); }
  std::uint64_t of(BlobId id) const { return id.value < blobs_.size() ? blobs_[id.value] : fail(); }

 private:
  [[noreturn]] static std::uint64_t fail();

  std::vector<std::uint64_t> strings_, blobs_;
};

/// XXH3-64 over a stream of small pieces, gathered so that the library is called once every few kilobytes.
class HashStream {
 public:
  HashStream();

  /// Room for `most` bytes (at most kMostPiece); say with advance_to() where they ended.
  std::byte* room(std::size_t most) {
    if (used_ + most > kBytes) flush();
    return buffer_.data() + used_;
  }
  void advance_to(const std::byte* end) { used_ = static_cast<std::size_t>(end - buffer_.data()); }
  /// Of everything so far; the stream goes on.
  std::uint64_t digest();

  static constexpr std::size_t kBytes = 4096;
  static constexpr std::size_t kMostPiece = kBytes;

 private:
  void flush();

  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
  std::size_t used_ = 0;
  std::array<std::byte, kBytes> buffer_;
};

/// Builds the fingerprints of a run, record by record.
class Fingerprinter {
 public:
  /// REQUIRES: bytes == field_bytes<R>(), so that it is measured once a record.
  template <class R>
  void add(const RecordHeader& header, const R& record, std::size_t bytes, const ContentDigests& contents);
  /// The same from an encoded record: fingerprints of a recording can be checked without the program that
  /// made it.
  void add(const RawRecord& record, const KindSchema& kind, const ContentDigests& contents);

  Fingerprints fingerprints();

 private:
  // Where the next record's fields go. A field takes at most twice its encoded size (ids of strings become
  // digests).
  struct Pens {
    std::byte* layer;
    std::byte* spine;
  };
  static constexpr std::size_t kMostPrefix = 26;
  static_assert(kMostPrefix + 2 * kMostFieldBytes <= HashStream::kMostPiece);

  Pens begin(const RecordHeader& header, std::uint64_t hash, Layer layer, std::size_t bytes) {
    Pens pens{layer_of(layer).room(kMostPrefix + 2 * bytes), spine_.room(kMostPrefix + bytes)};
    const auto time = static_cast<std::uint64_t>(header.at.count());
    pens.layer = put_place(put(put(pens.layer, time), hash), header.place);
    pens.spine = put_place(put(put(put(pens.spine, time), header.cause.value), hash), header.place);
    return pens;
  }
  void end(Pens pens, Layer layer) { layer_of(layer).advance_to(pens.layer), spine_.advance_to(pens.spine); }
  HashStream& layer_of(Layer layer) { return layers_[static_cast<std::size_t>(layer)]; }

  template <class Wire>
  static std::byte* put(std::byte* out, Wire wire) {
    store(out, wire);
    return out + sizeof wire;
  }
  static std::byte* put_place(std::byte* out, Place place) { return put(put(out, place.host), place.cpu); }

  HashStream spine_;
  std::array<HashStream, kLayers> layers_;
};

template <class R>
void Fingerprinter::add(const RecordHeader& header, const R& record, std::size_t bytes,
                        const ContentDigests& contents) {
  static constexpr std::uint64_t kHash = name_hash(R::kName);
  Pens pens = begin(header, kHash, R::kLayer, bytes);
  record.describe([&]<class T>(std::string_view, const T& value) {
    if constexpr (std::same_as<T, RecordId>) {
      pens.spine = put(pens.spine, value.value);
    } else if constexpr (std::same_as<T, StringId> || std::same_as<T, BlobId>) {
      pens.layer = put(pens.layer, contents.of(value));
    } else {
      pens.layer = put(pens.layer, FieldTraits<T>::to_wire(value));
    }
  });
  end(pens, R::kLayer);
}

}  // namespace stackscope
