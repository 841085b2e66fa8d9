#include "runner/recording_query.hpp"

#include <algorithm>

namespace stackscope {
namespace {

class View final : public RecordQuery::Record {
 public:
  View(const Recording& recording, const RawRecord& record)
      : recording_(recording), record_(record), schema_(recording.schema().kind(record.header.kind)) {}

  RecordQuery::Kind kind() const override { return record_.header.kind; }
  Instant at() const override { return record_.header.at; }
  script::Value field(std::size_t index) const override {
    const FieldSchema& field = schema_.fields[index];
    const std::int64_t number = value(field, record_);
    if (field.type == FieldType::kBool) return number != 0;
    if (field.type == FieldType::kString)
      return recording_.string(StringId{static_cast<std::uint32_t>(number)});
    if (const std::string_view name = field.name_of(number); !name.empty()) return name;
    return number;
  }

 private:
  const Recording& recording_;
  const RawRecord& record_;
  const KindSchema& schema_;
};

}  // namespace

std::vector<std::string> RecordingQuery::names() const {
  std::vector<std::string> names;
  for (const KindSchema& kind : recording_.schema().kinds()) names.push_back(kind.name);
  return names;
}

std::vector<std::string> RecordingQuery::fields(Kind kind) const {
  std::vector<std::string> names;
  for (const FieldSchema& field : recording_.schema().kind(kind).fields) names.push_back(field.name);
  return names;
}

void RecordingQuery::for_each(std::span<const Kind> kinds, const Visit& visit) const {
  for (const RawRecord& record : recording_.records()) {
    if (std::find(kinds.begin(), kinds.end(), record.header.kind) == kinds.end()) continue;
    if (!visit(View(recording_, record))) return;
  }
}

}  // namespace stackscope
