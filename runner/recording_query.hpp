#pragma once
// What expectations ask of a recording, answered by one of ours: from memory, while a session runs, or from a file.

#include "runner/record_query.hpp"
#include "sim/recording.hpp"

namespace stackscope {

/// Fields as an expression sees them: enums by name (by number where a value has none), strings by what they say, ids and
/// records by their ordinals, times and durations in nanoseconds.
///
/// Differs: a blob is its ordinal, not its bytes; an unsigned number above 2⁶³ − 1 is negative, as Lua has it.
class RecordingQuery final : public RecordQuery {
 public:
  /// The recording must outlive the query.
  explicit RecordingQuery(const Recording& recording) : recording_(recording) {}

  std::optional<Kind> kind(std::string_view name) const override { return recording_.schema().find(name); }
  std::vector<std::string> names() const override;
  std::vector<std::string> fields(Kind kind) const override;
  void for_each(std::span<const Kind> kinds, const Visit& visit) const override;

 private:
  const Recording& recording_;
};

}  // namespace stackscope
