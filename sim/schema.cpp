#include "sim/schema.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <stdexcept>

namespace stackscope {
namespace {

constexpr std::size_t kMostKinds = 0xffff;

bool is_size(std::uint8_t bytes) { return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8; }

bool is_size_of(FieldType type, std::uint8_t bytes) {
  switch (type) {
    case FieldType::kUnsigned:
    case FieldType::kSigned:
    case FieldType::kEnum:
      return is_size(bytes);
    case FieldType::kBool:
      return bytes == 1;
    case FieldType::kId:
    case FieldType::kString:
    case FieldType::kBlob:
      return bytes == 4;
    case FieldType::kDuration:
    case FieldType::kInstant:
    case FieldType::kRecord:
      return bytes == 8;
  }
  return false;
}

/// What is wrong with these kinds, or empty.
std::string complaint(const std::vector<KindSchema>& kinds) {
  if (kinds.size() > kMostKinds) return "too many kinds of records";
  std::set<std::string_view> kind_names;
  std::set<std::uint64_t> hashes;
  for (const KindSchema& kind : kinds) {
    if (!kind_names.insert(kind.name).second) return "two kinds of records are named " + kind.name;
    if (!hashes.insert(kind.hash).second) return "the name's hash belongs to another kind too: " + kind.name;
    if (kind.field_bytes > kMostFieldBytes) return "records are too large: " + kind.name;
    std::set<std::string_view> field_names;
    for (const FieldSchema& field : kind.fields) {
      if (!field_names.insert(field.name).second) return kind.name + " has two fields named " + field.name;
      if (!is_size_of(field.type, field.bytes)) return kind.name + ": impossible size of field " + field.name;
    }
  }
  return {};
}

void put_field(ByteWriter& out, const FieldSchema& field) {
  out.put_text(field.name);
  out.put(static_cast<std::uint8_t>(field.type));
  out.put(field.bytes);
  out.put(static_cast<std::uint8_t>(field.is_signed));
  out.put(static_cast<std::uint32_t>(field.names.size()));
  for (const EnumName& name : field.names) {
    out.put(static_cast<std::uint64_t>(name.value));
    out.put_text(name.name);
  }
}

FieldSchema take_field(ByteReader& in, std::uint32_t offset) {
  FieldSchema field{std::string(in.take_text()), FieldType{}, 0, false, offset, {}};
  const auto type = in.take<std::uint8_t>();
  if (type >= kFieldTypes) in.fail("unknown type of field " + field.name);
  field.type = static_cast<FieldType>(type);
  field.bytes = in.take<std::uint8_t>();
  field.is_signed = in.take<std::uint8_t>() != 0;
  for (auto names = in.take<std::uint32_t>(); names > 0; --names) {
    const auto value = static_cast<std::int64_t>(in.take<std::uint64_t>());
    field.names.push_back({value, std::string(in.take_text())});
  }
  return field;
}

KindSchema take_kind(ByteReader& in) {
  KindSchema kind{std::string(in.take_text()), std::string(in.take_text()), Layer{}, 0, 0, {}};
  const auto layer = in.take<std::uint8_t>();
  if (layer >= kLayers) in.fail("unknown layer of " + kind.name);
  kind.layer = static_cast<Layer>(layer);
  kind.hash = name_hash(kind.name);
  for (auto fields = in.take<std::uint16_t>(); fields > 0; --fields) {
    kind.fields.push_back(take_field(in, kind.field_bytes));
    kind.field_bytes += kind.fields.back().bytes;
  }
  return kind;
}

}  // namespace

std::string FieldSchema::type_name() const {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"u", "i", "bool", "enum", "id", "duration", "instant", "record", "string", "blob"});
  const std::string_view word = kNames[static_cast<std::size_t>(type)];
  const bool sized = type == FieldType::kUnsigned || type == FieldType::kSigned || type == FieldType::kEnum;
  return sized ? fmt::format("{}{}", word, bytes * 8) : std::string(word);
}

std::string_view FieldSchema::name_of(std::int64_t wanted) const {
  const auto found = std::ranges::find(names, wanted, &EnumName::value);
  return found == names.end() ? std::string_view{} : found->name;
}

std::optional<std::size_t> KindSchema::find(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &FieldSchema::name);
  if (found == fields.end()) return std::nullopt;
  return static_cast<std::size_t>(found - fields.begin());
}

Schema::Schema(std::vector<KindSchema> kinds) : kinds_(std::move(kinds)) {
  if (const std::string wrong = complaint(kinds_); !wrong.empty()) throw std::invalid_argument(wrong);
  for (const KindSchema& kind : kinds_) {
    sizes_.push_back(static_cast<std::uint32_t>(kind.record_bytes()));
    largest_ = std::max(largest_, kind.record_bytes());
  }
}

std::optional<std::uint16_t> Schema::find(std::string_view kind) const {
  const auto found = std::ranges::find(kinds_, kind, &KindSchema::name);
  if (found == kinds_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - kinds_.begin());
}

Bytes Schema::serialised() const {
  Bytes bytes;
  ByteWriter out(bytes);
  out.put(static_cast<std::uint16_t>(kinds_.size()));
  for (const KindSchema& kind : kinds_) {
    out.put_text(kind.name);
    out.put_text(kind.sentence);
    out.put(static_cast<std::uint8_t>(kind.layer));
    out.put(static_cast<std::uint16_t>(kind.fields.size()));
    for (const FieldSchema& field : kind.fields) put_field(out, field);
  }
  return bytes;
}

Schema Schema::parse(ByteView bytes, std::uint64_t origin) {
  ByteReader in(bytes, origin);
  std::vector<KindSchema> kinds;
  for (auto count = in.take<std::uint16_t>(); count > 0; --count) kinds.push_back(take_kind(in));
  in.expect_end();
  if (const std::string wrong = complaint(kinds); !wrong.empty()) in.fail(wrong);
  return Schema(std::move(kinds));
}

std::uint64_t unsigned_value(const FieldSchema& field, const RawRecord& record) {
  if (field.offset + field.bytes > record.fields.size())
    throw RecordingError("no such field: " + field.name, 0);
  const std::byte* in = record.fields.data() + field.offset;
  const auto widened = [&field](auto wire) {
    using Signed = std::make_signed_t<decltype(wire)>;
    if (!field.is_signed) return static_cast<std::uint64_t>(wire);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<Signed>(wire)));
  };
  switch (field.bytes) {
    case 1:
      return widened(load<std::uint8_t>(in));
    case 2:
      return widened(load<std::uint16_t>(in));
    case 4:
      return widened(load<std::uint32_t>(in));
    default:
      return widened(load<std::uint64_t>(in));
  }
}

}  // namespace stackscope
