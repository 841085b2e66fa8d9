#include "analysis/first_difference.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace stackscope {
namespace {

struct Side {
  const Recording& recording;
  const RawRecord& record;
  const KindSchema& kind() const { return recording.schema().kind(record.header.kind); }
};

std::string place_text(Place place) {
  return place.cpu == Place::kNoCpu ? fmt::format("host {}", place.host)
                                    : fmt::format("host {} cpu {}", place.host, place.cpu);
}

std::string header_difference(const Side& a, const Side& b) {
  const RecordHeader &x = a.record.header, &y = b.record.header;
  if (a.kind().name != b.kind().name) return fmt::format("kind: {} / {}", a.kind().name, b.kind().name);
  if (x.at != y.at) return fmt::format("time: {}ns / {}ns", x.at.count(), y.at.count());
  if (x.place != y.place) return fmt::format("place: {} / {}", place_text(x.place), place_text(y.place));
  if (x.cause != y.cause) return fmt::format("cause: #{} / #{}", x.cause.value, y.cause.value);
  return {};
}

/// What a field says, without the ids of strings and blobs, which another program may have given out otherwise.
bool says_the_same(const Side& a, const FieldSchema& x, const Side& b, const FieldSchema& y) {
  const std::uint64_t left = unsigned_value(x, a.record), right = unsigned_value(y, b.record);
  const auto string = [](const Side& side, std::uint64_t id) {
    return side.recording.string(StringId{static_cast<std::uint32_t>(id)});
  };
  const auto blob = [](const Side& side, std::uint64_t id) {
    return side.recording.blob(BlobId{static_cast<std::uint32_t>(id)});
  };
  if (x.type != y.type) return false;
  if (x.type == FieldType::kString) return string(a, left) == string(b, right);
  if (x.type == FieldType::kBlob) return blob(a, left) == blob(b, right);
  return left == right;
}

std::string field_difference(const Side& a, const Side& b) {
  for (const FieldSchema& field : a.kind().fields) {
    const auto theirs = b.kind().find(field.name);
    if (!theirs) return fmt::format("field {}: only the first recording has it", field.name);
    const FieldSchema& other = b.kind().fields[*theirs];
    if (says_the_same(a, field, b, other)) continue;
    const bool is_content = field.type == FieldType::kString || field.type == FieldType::kBlob;
    if (is_content || field.type != other.type) return fmt::format("field {}", field.name);
    return fmt::format("field {}: {} / {}", field.name, value(field, a.record), value(other, b.record));
  }
  for (const FieldSchema& field : b.kind().fields) {
    if (!a.kind().find(field.name))
      return fmt::format("field {}: only the second recording has it", field.name);
  }
  return {};
}

RecordDifference ended(const Recording& longer, RecordId id, bool is_first) {
  const RawRecord record = longer.at(id);
  const std::string text = full_text(longer, record);
  return {id, longer.schema().kind(record.header.kind).layer,
          is_first ? "the second recording ends here" : "the first recording ends here",
          is_first ? text : std::string(), is_first ? std::string() : text};
}

}  // namespace

std::string full_text(const Recording& recording, const RawRecord& record) {
  return fmt::format("#{} {}ns {} <- #{} {}", record.id.value, record.header.at.count(),
                     place_text(record.header.place), record.header.cause.value, recording.text(record));
}

std::string RecordDifference::text() const {
  return fmt::format("record #{} ({}): {}\n  first:  {}\n  second: {}\n", record.value, name_of(layer), what,
                     left.empty() ? "-" : left, right.empty() ? "-" : right);
}

std::optional<RecordDifference> first_difference(const Recording& a, const Recording& b) {
  const RecordId past{std::min(a.size(), b.size()) + 1};
  RecordIterator other = b.records(RecordId{1}, past).begin();
  for (const RawRecord& record : a.records(RecordId{1}, past)) {
    const Side left{a, record}, right{b, *other};
    std::string what = header_difference(left, right);
    if (what.empty()) what = field_difference(left, right);
    if (!what.empty()) {
      return RecordDifference{record.id, left.kind().layer, what, full_text(a, record), full_text(b, *other)};
    }
    ++other;
  }
  if (a.size() > b.size()) return ended(a, past, true);
  if (b.size() > a.size()) return ended(b, past, false);
  return std::nullopt;
}

}  // namespace stackscope
