#pragma once
// What can be pointed at: an object of a view, or a record. Selection, hovering, marks and scripts speak of these.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/id.hpp"
#include "sim/record.hpp"

namespace stackscope::gui {

enum class ObjectKind : std::uint8_t {
  kNone,
  kRecord,
  kHost,
  kCpu,
  kTask,
  kWaitQueue,
  kWaiter,
  kEpoll,
  kItem,
  kSocket,
  kPacket,
  kNic,
  kFile,
  kNapi,
};
/// As scripts write it: "cpu", "task", "wait queue" …
constexpr std::string_view name_of(ObjectKind kind) {
  constexpr std::string_view kNames[] = {"nothing",    "record", "host",  "cpu",  "task",
                                         "wait queue", "waiter", "epoll", "item", "socket",
                                         "packet",     "nic",    "file",  "napi"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// An object by host, kind and ordinal. Packets are numbered per simulation: their host is 0. A CPU's ordinal is its
/// number plus one, so that 0 is "none" throughout.
struct ObjectRef {
  ObjectKind kind = ObjectKind::kNone;
  std::uint8_t host = 0;
  std::uint64_t id = 0;

  explicit operator bool() const { return kind != ObjectKind::kNone && id != 0; }
  auto operator<=>(const ObjectRef&) const = default;

  static ObjectRef record(RecordId id) { return {ObjectKind::kRecord, 0, id.value}; }
  static ObjectRef cpu(std::uint8_t host, std::uint8_t number) {
    return {ObjectKind::kCpu, host, number + 1ULL};
  }
  static ObjectRef packet(std::uint32_t id) { return {ObjectKind::kPacket, 0, id}; }
  template <class Tag>
  static ObjectRef of(ObjectKind kind, std::uint8_t host, Id<Tag> id) {
    return {kind, kind == ObjectKind::kPacket ? std::uint8_t{0} : host, id.value};
  }
};

/// "task 3", or "task 3 of host 1" where there are several hosts.
std::string text_of(const ObjectRef& object, bool with_host);

}  // namespace stackscope::gui
