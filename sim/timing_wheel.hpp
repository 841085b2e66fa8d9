#pragma once
// The engine's queue: a hierarchical timing wheel with intrusive nodes.
//
// Eight levels of 256 slots cover all of time at one nanosecond: an event lives at the level of the highest
// base-256 digit in which its time differs from the wheel's base (the time of the event popped last), in the
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
  const Due& earliest() {
    if (!is_earliest_known_) [[unlikely]]
      find_earliest();
    return earliest_;
  }

  /// Takes out the next event. REQUIRES: not empty.
  Event& pop();

  /// Asserts what must hold in and around a slot. The walk is bounded: a slot may hold thousands.
  void check_invariants(unsigned slot) const;

 private:
  static constexpr unsigned kDigitBits = 8;
  static constexpr unsigned kLevels = 8;
  static constexpr unsigned kSlotsPerLevel = 1u << kDigitBits;
  static constexpr unsigned kWords = kSlotsPerLevel / 64;
  static constexpr Due kNothing{Instant::never(), Rank::last()};

  struct Slot {
    EventLink list;             // circular
    Event* earliest = nullptr;  // null: unknown, look through the list
  };

  /// Which slots of a level hold something: a bit a slot, and a bit a word of these.
  struct Level {
    std::array<std::uint64_t, kWords> slots{};
    std::uint32_t words = 0;
  };

  static Event& event_of(EventLink& link) { return static_cast<Event&>(link); }
  std::uint16_t slot_for(Instant due) const {
    const auto time = static_cast<std::uint64_t>(due.count());
    const unsigned level = static_cast<unsigned>(std::bit_width((time ^ base_) | 1) - 1) / kDigitBits;
    const auto digit = static_cast<unsigned>(time >> (level * kDigitBits)) % kSlotsPerLevel;
    return static_cast<std::uint16_t>(level * kSlotsPerLevel + digit);
  }
  /// REQUIRES: not empty.
  unsigned first_slot() const {
    const auto level = static_cast<unsigned>(std::countr_zero(occupied_levels_));
    const auto word = static_cast<unsigned>(std::countr_zero(levels_[level].words));
    const auto bit = static_cast<unsigned>(std::countr_zero(levels_[level].slots[word]));
    return level * kSlotsPerLevel + word * 64 + bit;
  }
  void link_into(unsigned slot, Event& event);
  void unlink(Event& event);
  void mark_empty(unsigned slot);
  void find_earliest();
  void cascade(unsigned slot);
  Event& earliest_in(Slot& slot);

  std::array<Slot, kLevels * kSlotsPerLevel> slots_;
  std::array<Level, kLevels> levels_;
  std::uint32_t occupied_levels_ = 0;  // a bit a level
  std::uint64_t base_ = 0;
  bool is_earliest_known_ = true;
  Event* first_ = nullptr;  // where the earliest is known: the next event, and its place
  Due earliest_ = kNothing;
};

}  // namespace stackscope
