#pragma once
// The engine's queue: a hierarchical timing wheel with intrusive nodes.
//
// Eleven levels of 64 slots cover all of time at one nanosecond: an event lives at the level of the highest
// base-64 digit in which its time differs from the wheel's base (the time of the event popped last), in the
// slot of that digit. So all events of one instant are always in one slot, and lists keep the order of
// insertion: the sequence of the total order needs no number. Slots of the lowest level hold one instant each
// and are kept sorted by rank.
//
// When the earliest event sits in a higher slot, popping it makes its time the base and spreads the rest of
// that one slot over the lower levels, front to back, which is stable. Cancelling unlinks; nothing dead stays
// behind.

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "sim/event.hpp"

namespace stackscope {

class TimingWheel {
 public:
  TimingWheel();
  TimingWheel(const TimingWheel&) = delete;
  TimingWheel& operator=(const TimingWheel&) = delete;

  bool is_empty() const { return occupied_levels_ == 0; }

  /// REQUIRES: not in the wheel; due not before the event popped last.
  void insert(Event& event);

  /// REQUIRES: in the wheel.
  void remove(Event& event);

  /// The place of the next event in the order; Instant::never() when empty.
  Due earliest() {
    if (!is_earliest_known_) find_earliest();
    return earliest_;
  }

  /// Takes out the next event. REQUIRES: not empty.
  Event& pop();

 private:
  static constexpr int kDigitBits = 6;
  static constexpr int kLevels = 11;
  static constexpr std::size_t kSlotsPerLevel = 64;

  struct Slot {
    EventLink list;             // circular
    Event* earliest = nullptr;  // null: unknown, look through the list
  };

  static Event& event_of(EventLink& link) { return static_cast<Event&>(link); }
  std::uint16_t slot_for(Instant due) const;
  void link_into(std::uint16_t slot, Event& event);
  void unlink(Event& event);
  void find_earliest();
  void cascade(Slot& slot);
  Event& earliest_in(Slot& slot);

  std::array<Slot, kLevels * kSlotsPerLevel> slots_;
  std::array<std::uint64_t, kLevels> occupied_{};  // a bit a slot
  std::uint32_t occupied_levels_ = 0;              // a bit a level
  std::uint64_t base_ = 0;
  bool is_earliest_known_ = true;
  Due earliest_{Instant::never(), Rank::last()};
};

}  // namespace stackscope
