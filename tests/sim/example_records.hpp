#pragma once
// A small program's records, as the tests of sim see one: sim itself knows no list.

#include <cstdint>
#include <limits>
#include <string_view>

#include "sim/id.hpp"
#include "sim/record.hpp"
#include "sim/time.hpp"

namespace stackscope::examples {

using QueueId = Id<struct QueueTag>;

enum class Color : std::uint8_t { kRed, kGreen, kBlue };
constexpr std::string_view name_of(Color color) {
  switch (color) {
    case Color::kRed:
      return "red";
    case Color::kGreen:
      return "green";
    case Color::kBlue:
      return "blue";
  }
  return {};
}
enum class Nameless : std::int16_t { kLeast = INT16_MIN, kMost = INT16_MAX };

struct FrameArrived {
  static constexpr std::string_view kName = "nic:frame_arrived";
  static constexpr std::string_view kSentence = "The NIC wrote a frame into its receive ring.";
  static constexpr Layer kLayer = Layer::kWire;
  QueueId queue;
  std::uint32_t ring_slot = 0, length_bytes = 0;
  void describe(auto&& field) const {
    field("queue", queue), field("ring_slot", ring_slot), field("length_bytes", length_bytes);
  }
  bool operator==(const FrameArrived&) const = default;
};

/// One field of every type.
struct Everything {
  static constexpr std::string_view kName = "test:everything";
  static constexpr std::string_view kSentence = "One field of every type.";
  static constexpr Layer kLayer = Layer::kKernel;
  std::uint8_t u8 = 0;
  std::uint16_t u16 = 0;
  std::uint32_t u32 = 0;
  std::uint64_t u64 = 0;
  std::int8_t i8 = 0;
  std::int16_t i16 = 0;
  std::int32_t i32 = 0;
  std::int64_t i64 = 0;
  bool flag = false;
  Color color = Color::kRed;
  Nameless nameless = Nameless{};
  QueueId queue;
  Duration wait;
  Instant when;
  RecordId behind;
  StringId text;
  BlobId payload;
  void describe(auto&& field) const {
    field("u8", u8), field("u16", u16), field("u32", u32), field("u64", u64);
    field("i8", i8), field("i16", i16), field("i32", i32), field("i64", i64);
    field("flag", flag), field("color", color), field("nameless", nameless), field("queue", queue);
    field("wait", wait), field("when", when), field("behind", behind);
    field("text", text), field("payload", payload);
  }
  bool operator==(const Everything&) const = default;
};

struct Returned {
  static constexpr std::string_view kName = "syscalls:sys_exit_read";
  static constexpr std::string_view kSentence = "read() returned.";
  static constexpr Layer kLayer = Layer::kCalls;
  std::int64_t result = 0;
  void describe(auto&& field) const { field("result", result); }
  bool operator==(const Returned&) const = default;
};

struct Said {
  static constexpr std::string_view kName = "program:said";
  static constexpr std::string_view kSentence = "The program printed a line.";
  static constexpr Layer kLayer = Layer::kProgram;
  StringId line;
  void describe(auto&& field) const { field("line", line); }
  bool operator==(const Said&) const = default;
};

/// No fields at all.
struct Ticked {
  static constexpr std::string_view kName = "timer:tick";
  static constexpr std::string_view kSentence = "The tick fired.";
  static constexpr Layer kLayer = Layer::kKernel;
  void describe(auto&&) const {}
  bool operator==(const Ticked&) const = default;
};

using Records = RecordList<FrameArrived, Everything, Returned, Said, Ticked>;

/// The same program two years ago: fewer kinds, in another order; frames had no queue, and their length had
/// 16 bits; and there was a kind that is gone now.
namespace old {

struct FrameArrived {
  static constexpr std::string_view kName = "nic:frame_arrived";
  static constexpr std::string_view kSentence = "A frame arrived.";
  static constexpr Layer kLayer = Layer::kWire;
  std::uint16_t length_bytes = 0;
  std::uint32_t ring_slot = 0;
  void describe(auto&& field) const { field("length_bytes", length_bytes), field("ring_slot", ring_slot); }
};
struct Forgotten {
  static constexpr std::string_view kName = "nic:forgotten";
  static constexpr std::string_view kSentence = "Nobody knows any more.";
  static constexpr Layer kLayer = Layer::kWire;
  std::uint8_t depth = 0;
  StringId name;
  BlobId bytes;
  void describe(auto&& field) const { field("depth", depth), field("name", name), field("bytes", bytes); }
};

struct Ticked {
  static constexpr std::string_view kName = "timer:tick";
  static constexpr std::string_view kSentence = "The tick fired.";
  static constexpr Layer kLayer = Layer::kKernel;
  void describe(auto&&) const {}
};

using Records = RecordList<Ticked, Forgotten, FrameArrived>;

}  // namespace old
}  // namespace stackscope::examples

namespace stackscope {

template <class R>
  requires ListedIn<R, examples::Records>
struct KindOf<R> : IndexIn<R, examples::Records> {};
template <class R>
  requires ListedIn<R, examples::old::Records>
struct KindOf<R> : IndexIn<R, examples::old::Records> {};

}  // namespace stackscope
