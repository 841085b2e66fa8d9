#pragma once
// The engine: one clock, one total order of events, one thread.
//
// Events are ordered by (time, rank, sequence). At equal times hardware comes first, then timers, then CPUs by host
// and number; among equals the one scheduled first. A CPU that charges itself for work moves the clock without
// an event where nothing else is due before (`advance_to`), which is the same order by construction.

#include <cassert>
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
  constexpr auto operator<=>(const Rank&) const = default;

 private:
  constexpr explicit Rank(std::uint32_t value) : value_(value) {}
  std::uint32_t value_;
};

/// A place in the total order, up to the sequence.
struct Due {
  Instant at;
  Rank rank;
  constexpr auto operator<=>(const Due&) const = default;
};

class Engine;

/// Something that will happen. Lives inside its owner (a timer, a CPU, a link): scheduling allocates nothing.
/// A pending event must not be destroyed while its engine goes on running.
class Event {
 public:
  /// An event that calls `owner.Method()`.
  template <auto Method, class Owner>
  static Event calling(Owner& owner) {
    return Event{&owner, [](void* self) { (static_cast<Owner*>(self)->*Method)(); }};
  }
  Event(void* owner, void (*fire)(void*)) : owner_(owner), fire_(fire) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool is_pending() const { return next_ != nullptr; }
  Instant due() const { return due_.at; }

 private:
  friend class TimingWheel;
  friend class Engine;

  Event* prev_ = nullptr;
  Event* next_ = nullptr;
  Due due_{Instant{}, Rank::hardware()};
  std::uint16_t slot_ = 0;  // level * 64 + index
  RecordId cause_;
  void* owner_;
  void (*fire_)(void*);
};

}  // namespace stackscope
