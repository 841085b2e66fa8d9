#include "gui/app/inspection.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <vector>

namespace stackscope::gui {
namespace {

class Inspector {
 public:
  explicit Inspector(const Recording& recording)
      : recording_(recording),
        sent_(recording.schema().find("link:sent")),
        arrived_(recording.schema().find("nic:frame_arrived")) {
    for (const KindSchema& kind : recording.schema().kinds()) {
      std::vector<FieldSchema> strings;
      std::copy_if(kind.fields.begin(), kind.fields.end(), std::back_inserter(strings),
                   [](const FieldSchema& field) { return field.type == FieldType::kString; });
      strings_.push_back(std::move(strings));
    }
  }

  bool is_of_wire(const RawRecord& record) const {
    return record.header.kind == sent_ || record.header.kind == arrived_;
  }

  /// What is wrong with it; empty where nothing is.
  std::string damage_of(const RawRecord& record) const {
    if (record.header.cause >= record.id)
      return fmt::format("record {} is caused by one that is not before it", record.id.value);
    const auto& strings = strings_[record.header.kind];
    const bool is_whole = std::all_of(strings.begin(), strings.end(), [&](const FieldSchema& field) {
      return unsigned_value(field, record) <= recording_.strings();
    });
    return is_whole ? "" : fmt::format("record {} names a string that is not there", record.id.value);
  }

 private:
  const Recording& recording_;
  std::optional<std::uint16_t> sent_, arrived_;
  std::vector<std::vector<FieldSchema>> strings_;  // of each kind
};

}  // namespace

Inspection inspect(const Recording& recording, const std::atomic<bool>& stop) {
  Inspection found;
  try {
    const Inspector inspector(recording);
    for (const RawRecord& record : recording.records()) {
      found.has_wire = found.has_wire || inspector.is_of_wire(record);
      found.damage = inspector.damage_of(record);
      if (!found.damage.empty() || stop.load(std::memory_order_relaxed)) break;
    }
  } catch (const RecordingError& error) {
    found.damage = error.what();
  }
  return found;
}

}  // namespace stackscope::gui
