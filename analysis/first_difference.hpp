#pragma once
// The first record at which two recordings differ: what --check-determinism names.

#include <optional>
#include <string>

#include "sim/recording.hpp"

namespace stackscope {

struct RecordDifference {
  RecordId record;
  Layer layer{};            // of the first recording's record, or of the second's where the first has ended
  std::string what;         // "field ring_slot: 3 / 4", "time: 10ns / 12ns", "the second recording ends here"
  std::string left, right;  // both records in full, empty where a recording has ended

  /// Several lines for people.
  std::string text() const;
};

/// A record in one line: "#12 104207ns host 0 cpu 1 <- #9 nic:frame_arrived queue=1 …"
std::string full_text(const Recording& recording, const RawRecord& record);

/// Nothing where both tell the same story. Kinds and fields are compared by their names, strings and blobs by what they
/// say, so that recordings of two builds, or of an older program, can be compared.
std::optional<RecordDifference> first_difference(const Recording& a, const Recording& b);

}  // namespace stackscope
