#pragma once
// How a record becomes bytes: a header of 20 bytes, then its fields in the order of `describe`, each of a
// fixed size, little-endian, without padding. Never a raw struct, whose padding would differ between
// compilers.
//
//     time 8 | cause 8 | kind 2 | host 1 | cpu 1 | fields …
//
// An enum is encoded as its underlying type, which therefore has to be written down (`enum class E :
// std::uint8_t`).

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "sim/bytes.hpp"
#include "sim/id.hpp"
#include "sim/record.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// What a field means to a reader that knows the schema only. The numbers are part of the file format.
enum class FieldType : std::uint8_t {
  kUnsigned,
  kSigned,
  kBool,
  kEnum,
  kId,
  kDuration,
  kInstant,
  kRecord,
  kString,
  kBlob,
};
inline constexpr std::size_t kFieldTypes = 10;

namespace detail {

template <std::size_t Size>
using UnsignedOf =
    std::conditional_t<Size == 1, std::uint8_t,
                       std::conditional_t<Size == 2, std::uint16_t,
                                          std::conditional_t<Size == 4, std::uint32_t, std::uint64_t>>>;

}  // namespace detail

/// For each type that a field may have: its meaning, and its value as the unsigned integer that is stored
/// (Wire).
template <class T>
struct FieldTraits;

template <class T>
  requires(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>)
struct FieldTraits<T> {
  using Wire = std::make_unsigned_t<T>;
  static constexpr FieldType kType = std::is_signed_v<T> ? FieldType::kSigned : FieldType::kUnsigned;
  static constexpr Wire to_wire(T value) { return static_cast<Wire>(value); }
  static constexpr T from_wire(Wire wire) { return static_cast<T>(wire); }
};
template <>
struct FieldTraits<bool> {
  using Wire = std::uint8_t;
  static constexpr FieldType kType = FieldType::kBool;
  static constexpr Wire to_wire(bool value) { return value ? 1 : 0; }
  static constexpr bool from_wire(Wire wire) { return wire != 0; }
};
template <class T>
  requires std::is_enum_v<T>
struct FieldTraits<T> {
  using Wire = detail::UnsignedOf<sizeof(T)>;
  static constexpr FieldType kType = FieldType::kEnum;
  static constexpr Wire to_wire(T value) { return static_cast<Wire>(value); }
  static constexpr T from_wire(Wire wire) {
    return static_cast<T>(static_cast<std::underlying_type_t<T>>(wire));
  }
};
template <class Tag>
struct FieldTraits<Id<Tag>> {
  using Wire = std::uint32_t;
  static constexpr FieldType kType = FieldType::kId;
  static constexpr Wire to_wire(Id<Tag> id) { return id.value; }
  static constexpr Id<Tag> from_wire(Wire wire) { return {wire}; }
};
template <>
struct FieldTraits<Duration> {
  using Wire = std::uint64_t;
  static constexpr FieldType kType = FieldType::kDuration;
  static constexpr Wire to_wire(Duration d) { return static_cast<Wire>(d.count()); }
  static constexpr Duration from_wire(Wire wire) { return Duration::ns(static_cast<std::int64_t>(wire)); }
};
template <>
struct FieldTraits<Instant> {
  using Wire = std::uint64_t;
  static constexpr FieldType kType = FieldType::kInstant;
  static constexpr Wire to_wire(Instant t) { return static_cast<Wire>(t.count()); }
  static constexpr Instant from_wire(Wire wire) { return Instant::ns(static_cast<std::int64_t>(wire)); }
};
template <>
struct FieldTraits<RecordId> {
  using Wire = std::uint64_t;
  static constexpr FieldType kType = FieldType::kRecord;
  static constexpr Wire to_wire(RecordId id) { return id.value; }
  static constexpr RecordId from_wire(Wire wire) { return {wire}; }
};
template <>
struct FieldTraits<StringId> {
  using Wire = std::uint32_t;
  static constexpr FieldType kType = FieldType::kString;
  static constexpr Wire to_wire(StringId id) { return id.value; }
  static constexpr StringId from_wire(Wire wire) { return {wire}; }
};
template <>
struct FieldTraits<BlobId> {
  using Wire = std::uint32_t;
  static constexpr FieldType kType = FieldType::kBlob;
  static constexpr Wire to_wire(BlobId id) { return id.value; }
  static constexpr BlobId from_wire(Wire wire) { return {wire}; }
};

inline constexpr std::size_t kHeaderBytes = 20;

inline void encode_header(const RecordHeader& header, std::byte* out) {
  store(out, static_cast<std::uint64_t>(header.at.count()));
  store(out + 8, header.cause.value);
  store(out + 16, header.kind);
  store(out + 18, header.place.host);
  store(out + 19, header.place.cpu);
}

inline RecordHeader decode_header(const std::byte* in) {
  return {.at = Instant::ns(static_cast<std::int64_t>(load<std::uint64_t>(in))),
          .cause = {load<std::uint64_t>(in + 8)},
          .kind = load<std::uint16_t>(in + 16),
          .place = {load<std::uint8_t>(in + 18), load<std::uint8_t>(in + 19)}};
}

/// How many bytes the fields of any R take. Depends on the type only, so an optimising compiler makes it a
/// constant; it is not `constexpr` because `describe` need not be.
template <class R>
std::size_t field_bytes() {
  std::size_t bytes = 0;
  R{}.describe(
      [&bytes]<class T>(std::string_view, const T&) { bytes += sizeof(typename FieldTraits<T>::Wire); });
  return bytes;
}

/// Writes the fields, field_bytes<R>() bytes, and returns the end.
template <class R>
std::byte* encode_fields(const R& record, std::byte* out) {
  record.describe([&out]<class T>(std::string_view, const T& value) {
    store(out, FieldTraits<T>::to_wire(value));
    out += sizeof(typename FieldTraits<T>::Wire);
  });
  return out;
}

/// The record back. REQUIRES: `in` holds field_bytes<R>() bytes.
template <class R>
R decode_fields(const std::byte* in) {
  R record{};
  // describe() shows members of `record`, which is not const: writing through the reference is allowed.
  record.describe([&in]<class T>(std::string_view, const T& value) {
    using Wire = typename FieldTraits<T>::Wire;
    const_cast<T&>(value) = FieldTraits<T>::from_wire(load<Wire>(in));
    in += sizeof(Wire);
  });
  return record;
}

/// A kind's identity in fingerprints: FNV-1a over its name. Its position in the list would change with every
/// record that is added before it.
constexpr std::uint64_t name_hash(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// A record as it lies in a recording. `fields` looks into the recording's memory: see Recording for how
/// long.
struct RawRecord {
  RecordId id;
  RecordHeader header;
  ByteView fields;
};

}  // namespace stackscope
