#pragma once
// What the model tells: records, small structs with a name, one sentence and named fields.
//
//     /// The NIC wrote a frame into the receive ring, before any interrupt.
//     struct FrameArrived {
//       static constexpr std::string_view kName = "nic:frame_arrived";
//       static constexpr std::string_view kSentence = "The NIC wrote a frame into its receive ring.";
//       static constexpr Layer kLayer = Layer::kWire;
//       QueueId queue;
//       std::uint32_t ring_slot, length_bytes;
//       void describe(auto&& field) const { field("queue", queue), field("ring_slot", ring_slot), ...; }
//     };
//
// Fields are integers, bool, enums, Id<…>, Duration, Instant, RecordId, StringId and BlobId: a record of a
// kind always has the same encoded size, so that a recording can be walked without parsing.

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/time.hpp"

namespace stackscope {

/// Which part of the story a record belongs to; each layer has a fingerprint of its own, so that a difference
/// between two runs names its layer.
enum class Layer : std::uint8_t { kWire, kKernel, kCalls, kProgram };
inline constexpr std::size_t kLayers = 4;
constexpr std::string_view name_of(Layer layer) {
  constexpr std::string_view kNames[] = {"wire", "kernel", "calls", "program"};
  return static_cast<std::size_t>(layer) < kLayers ? kNames[static_cast<std::size_t>(layer)]
                                                   : std::string_view{};
}

/// The ordinal of a record in its run, from 1; 0 is "no record".
struct RecordId {
  std::uint64_t value = 0;
  constexpr explicit operator bool() const { return value != 0; }
  constexpr auto operator<=>(const RecordId&) const = default;
};

/// An interned string and a stored run of bytes; a recording carries both tables.
struct StringId {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const StringId&) const = default;
};
struct BlobId {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const BlobId&) const = default;
};

/// Where a record was emitted: the host's ordinal, and its CPU or kNoCpu (hardware, ideal hosts).
struct Place {
  std::uint8_t host = 0;
  std::uint8_t cpu = kNoCpu;
  static constexpr std::uint8_t kNoCpu = 0xff;
  constexpr auto operator<=>(const Place&) const = default;
};

/// What every record carries besides its own fields.
struct RecordHeader {
  Instant at;
  RecordId cause;          // the record that asked for this one; 0 for the first
  std::uint16_t kind = 0;  // position in the program's list of records
  Place place;
};

/// The list of all records a program knows: `using Records = RecordList<FrameArrived, …>`. A record's kind is
/// its position here.
template <class... R>
struct RecordList {
  static constexpr std::size_t kSize = sizeof...(R);
};

/// The position of a record in a list; has no `value` where the list lacks it.
template <class R, class List>
struct IndexIn {};
template <class R, class... All>
  requires(std::same_as<R, All> || ...)
struct IndexIn<R, RecordList<All...>> {
  static constexpr std::uint16_t value = [] {
    std::uint16_t index = 0;
    (void)((std::same_as<R, All> || (++index, false)) || ...);
    return index;
  }();
};
template <class R, class List>
concept ListedIn = requires { IndexIn<R, List>::value; };

/// A record's kind, a compile-time constant. sim does not know the program's list, so the list's header says it in its
/// last line, and whoever emits includes that header:
///
///     using Records = RecordList<FrameArrived, …>;
///     template <class R> requires ListedIn<R, Records> struct KindOf<R> : IndexIn<R, Records> {};
template <class R>
struct KindOf;

}  // namespace stackscope
