#pragma once
// Which objects a record is about. Fields are found by their names, so that older recordings and those of the real kernel
// are understood as well.

#include <vector>

#include "gui/draw/object_ref.hpp"
#include "sim/recording.hpp"

namespace stackscope::gui {

/// For one schema; made once, asked often.
class RecordObjects {
 public:
  explicit RecordObjects(const Schema& schema);

  /// In the order of the record's fields, then the CPU on which it was emitted.
  std::vector<ObjectRef> of(const RawRecord& record) const;
  /// Whether `object` is among them.
  bool names(const RawRecord& record, const ObjectRef& object) const;

  // What kind of step a record is, for stepping by more than a record.
  bool is_about_packet(const RawRecord& record) const { return kinds_[record.header.kind].has_packet; }
  bool is_call_entry(const RawRecord& record) const { return kinds_[record.header.kind].is_entry; }
  bool is_call_exit(const RawRecord& record) const { return kinds_[record.header.kind].is_exit; }
  bool is_drop(const RawRecord& record) const { return kinds_[record.header.kind].is_drop; }
  bool is_waking(const RawRecord& record) const { return kinds_[record.header.kind].is_waking; }

 private:
  struct Named {
    std::size_t field;
    ObjectKind kind;
  };
  struct Kind {
    std::vector<Named> named;
    bool has_packet = false, is_entry = false, is_exit = false, is_drop = false, is_waking = false;
  };

  const Schema& schema_;
  std::vector<Kind> kinds_;
};

}  // namespace stackscope::gui
