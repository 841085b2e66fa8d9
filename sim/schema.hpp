#pragma once
// What the records of a program look like, as data. A recording carries its schema, so that a reader built
// years later, with more kinds and other fields, still finds each field by its name.
//
// Invariant: a schema that exists is sound (sizes fit their types, names are unique), whether it was built
// from a list or read from a damaged file; so whoever walks records by it stays in bounds once it has
// compared the lengths.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/bytes.hpp"
#include "sim/encoding.hpp"
#include "sim/record.hpp"

namespace stackscope {

struct EnumName {
  std::int64_t value;
  std::string name;
  bool operator==(const EnumName&) const = default;
};

struct FieldSchema {
  std::string name;
  FieldType type;
  std::uint8_t bytes;           // 1, 2, 4 or 8
  bool is_signed;               // how to widen it
  std::uint32_t offset;         // from the end of the header
  std::vector<EnumName> names;  // for enums that have name_of()

  bool operator==(const FieldSchema&) const = default;
  /// "u32", "i64", "bool", "enum8", "id", "duration" …
  std::string type_name() const;
  /// The enum's name for a value, or empty.
  std::string_view name_of(std::int64_t value) const;
};

struct KindSchema {
  std::string name, sentence;
  Layer layer;
  std::uint32_t field_bytes;  // encoded size without the header
  std::uint64_t hash;         // name_hash(name)
  std::vector<FieldSchema> fields;

  bool operator==(const KindSchema&) const = default;
  std::size_t record_bytes() const { return kHeaderBytes + field_bytes; }
  std::optional<std::size_t> find(std::string_view field) const;
};

/// A record is small: payload belongs into blobs.
inline constexpr std::size_t kMostFieldBytes = 1024;

class Schema {
 public:
  /// Schema::of<Records>()
  template <class List>
  static Schema of() {
    return of(List{});
  }
  /// Throws std::invalid_argument where two kinds share a name, or two fields of a kind, or a record is too
  /// large.
  explicit Schema(std::vector<KindSchema> kinds);

  std::size_t size() const { return kinds_.size(); }
  const KindSchema& kind(std::uint16_t kind) const { return kinds_[kind]; }
  std::span<const KindSchema> kinds() const { return kinds_; }
  std::optional<std::uint16_t> find(std::string_view kind) const;
  std::size_t largest_record_bytes() const { return largest_; }
  /// The encoded size of a record of this kind with its header; 0 for a kind that does not exist.
  std::size_t record_bytes(std::uint16_t kind) const { return kind < sizes_.size() ? sizes_[kind] : 0; }

  /// The compact form that recordings carry, and back. Throws RecordingError.
  Bytes serialised() const;
  static Schema parse(ByteView bytes, std::uint64_t origin = 0);

  bool operator==(const Schema& other) const { return kinds_ == other.kinds_; }

 private:
  template <class... R>
  static Schema of(RecordList<R...>);

  std::vector<KindSchema> kinds_;
  std::vector<std::uint32_t> sizes_;
  std::size_t largest_ = kHeaderBytes;
};

/// The value of a field, sign-extended where it is signed.
std::uint64_t unsigned_value(const FieldSchema& field, const RawRecord& record);
inline std::int64_t value(const FieldSchema& field, const RawRecord& record) {
  return static_cast<std::int64_t>(unsigned_value(field, record));
}

namespace detail {

// An enum's names: all of 0…255 that have one, and on while they do.
template <class E>
std::vector<EnumName> enum_names() {
  std::vector<EnumName> names;
  if constexpr (requires(E e) { std::string_view{name_of(e)}; }) {
    using Underlying = std::underlying_type_t<E>;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<Underlying>::max());
    for (std::uint64_t i = 0; i <= std::min<std::uint64_t>(kMost, 4095); ++i) {
      const std::string_view name = name_of(static_cast<E>(static_cast<Underlying>(i)));
      if (!name.empty()) names.push_back({static_cast<std::int64_t>(i), std::string(name)});
      if (name.empty() && i >= 255) break;
    }
  }
  return names;
}

template <class T>
constexpr bool is_signed_field() {
  if constexpr (std::is_enum_v<T>) return std::is_signed_v<std::underlying_type_t<T>>;
  using enum FieldType;
  constexpr FieldType kType = FieldTraits<T>::kType;
  return kType == kSigned || kType == kDuration || kType == kInstant;
}

template <class R>
KindSchema kind_schema() {
  KindSchema kind{std::string(R::kName), std::string(R::kSentence), R::kLayer, 0, name_hash(R::kName), {}};
  R{}.describe([&kind]<class T>(std::string_view name, const T&) {
    constexpr auto kBytes = sizeof(typename FieldTraits<T>::Wire);
    FieldSchema field{std::string(name),    FieldTraits<T>::kType, kBytes,
                      is_signed_field<T>(), kind.field_bytes,      {}};
    if constexpr (std::is_enum_v<T>) field.names = enum_names<T>();
    kind.fields.push_back(std::move(field));
    kind.field_bytes += kBytes;
  });
  return kind;
}

}  // namespace detail

template <class... R>
Schema Schema::of(RecordList<R...>) {
  std::vector<KindSchema> kinds;
  kinds.reserve(sizeof...(R));
  (kinds.push_back(detail::kind_schema<R>()), ...);
  return Schema(std::move(kinds));
}

/// Reads records of type R out of a recording whose schema may be older or newer: fields are found by name;
/// those that the recording lacks keep their defaults. Where the layouts agree it costs what decode_fields
/// costs.
template <class R>
class KindReader {
 public:
  explicit KindReader(const Schema& schema) {
    const auto found = schema.find(R::kName);
    if (!found) return;
    kind_ = found;
    const KindSchema &kind = schema.kind(*found), ours = detail::kind_schema<R>();
    for (const FieldSchema& field : ours.fields) {
      const auto theirs = kind.find(field.name);
      sources_.push_back(theirs ? std::optional(kind.fields[*theirs]) : std::nullopt);
    }
    same_layout_ = kind.field_bytes == ours.field_bytes && is_same_layout(ours);
  }

  /// Whether the recording can hold such records at all, and whether this is one.
  bool is_known() const { return kind_.has_value(); }
  bool matches(const RawRecord& record) const { return reads(record.header.kind); }
  bool reads(std::uint16_t kind) const { return kind_ == kind; }

  /// REQUIRES: matches(record).
  R read(const RawRecord& record) const {
    if (same_layout_) return decode_fields<R>(record.fields.data());
    R result{};
    auto source = sources_.begin();
    result.describe([&]<class T>(std::string_view, const T& member) {
      using Wire = typename FieldTraits<T>::Wire;
      if (*source)
        const_cast<T&>(member) =
            FieldTraits<T>::from_wire(static_cast<Wire>(unsigned_value(**source, record)));
      ++source;
    });
    return result;
  }

 private:
  bool is_same_layout(const KindSchema& ours) const {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!sources_[i] || sources_[i]->offset != ours.fields[i].offset ||
          sources_[i]->bytes != ours.fields[i].bytes) {
        return false;
      }
    }
    return true;
  }

  std::optional<std::uint16_t> kind_;
  std::vector<std::optional<FieldSchema>> sources_;
  bool same_layout_ = false;
};

}  // namespace stackscope
