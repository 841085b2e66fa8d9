#pragma once
// What the engine schedules.

#include <compare>
#include <cstdint>

#include "sim/record.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// Breaks ties between events of one instant.
class Rank {
 public:
  static constexpr Rank hardware() { return Rank{0}; }
  static constexpr Rank timers() { return Rank{1}; }
  static constexpr Rank cpu(std::uint8_t host, std::uint8_t number) {
    return Rank{2u + host * 256u + number};
  }
  static constexpr Rank last() { return Rank{UINT32_MAX}; }
  constexpr auto operator<=>(const Rank&) const = default;

 private:
  constexpr explicit Rank(std::uint32_t value) : value_(value) {}
  std::uint32_t value_;
};

/// A place in the total order, up to the sequence.
struct Due {
  Instant at;
  Rank rank;
  constexpr bool operator==(const Due&) const = default;
  /// Times are hardly ever equal, so the rank is looked at apart: a charge compares once.
  constexpr bool operator<(const Due& other) const {
    return at < other.at || (at == other.at && rank < other.rank);
  }
  constexpr bool operator>(const Due& other) const { return other < *this; }
};

/// A node of the timing wheel's circular lists.
struct EventLink {
  EventLink* prev = nullptr;
  EventLink* next = nullptr;
};

/// Something that will happen. Lives inside its owner (a timer, a CPU, a link), so that scheduling allocates
/// nothing. A pending event must be cancelled before it is destroyed, unless its engine never runs again.
class Event : private EventLink {
 public:
  /// An event that calls `(owner.*Method)()`.
  template <auto Method, class Owner>
  static Event calling(Owner& owner) {
    return Event{&owner, [](void* self) { (static_cast<Owner*>(self)->*Method)(); }};
  }
  Event(void* owner, void (*fire)(void*)) : owner_(owner), fire_(fire) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool is_pending() const { return next != nullptr; }
  Instant due() const { return due_.at; }

 private:
  friend class TimingWheel;
  friend class Engine;

  Due due_{Instant{}, Rank::hardware()};
  std::uint16_t slot_ = 0;
  RecordId cause_;
  void* owner_;
  void (*fire_)(void*);
};

}  // namespace stackscope
