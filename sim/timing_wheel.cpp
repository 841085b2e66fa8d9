#include "sim/timing_wheel.hpp"

namespace stackscope {

TimingWheel::TimingWheel() {
  for (Slot& slot : slots_) slot.list.prev = slot.list.next = &slot.list;
}

std::uint16_t TimingWheel::slot_for(Instant due) const {
  const auto time = static_cast<std::uint64_t>(due.count());
  const std::uint64_t difference = time ^ base_;
  const int level = difference == 0 ? 0 : (std::bit_width(difference) - 1) / kDigitBits;
  const std::uint64_t digit = (time >> (level * kDigitBits)) % kSlotsPerLevel;
  return static_cast<std::uint16_t>(static_cast<std::uint64_t>(level) * kSlotsPerLevel + digit);
}

void TimingWheel::insert(Event& event) {
  assert(!event.is_pending() && static_cast<std::uint64_t>(event.due_.at.count()) >= base_);
  link_into(slot_for(event.due_.at), event);
  if (is_earliest_known_ && event.due_ < earliest_) earliest_ = event.due_;
}

// In the lowest level behind all of lower or equal rank; above it at the end, where order is settled by
// cascading.
void TimingWheel::link_into(std::uint16_t index, Event& event) {
  Slot& slot = slots_[index];
  EventLink* before = slot.list.prev;
  if (index < kSlotsPerLevel) {
    while (before != &slot.list && event_of(*before).due_.rank > event.due_.rank) before = before->prev;
  } else if (before == &slot.list) {
    slot.earliest = &event;
  } else if (slot.earliest != nullptr && event.due_ < slot.earliest->due_) {
    slot.earliest = &event;
  }
  event.prev = before;
  event.next = before->next;
  before->next->prev = &event;
  before->next = &event;
  event.slot_ = index;
  occupied_[index / kSlotsPerLevel] |= std::uint64_t{1} << (index % kSlotsPerLevel);
  occupied_levels_ |= 1u << (index / kSlotsPerLevel);
}

void TimingWheel::unlink(Event& event) {
  const std::uint16_t index = event.slot_;
  Slot& slot = slots_[index];
  event.prev->next = event.next;
  event.next->prev = event.prev;
  event.prev = event.next = nullptr;
  if (slot.earliest == &event) slot.earliest = nullptr;
  if (slot.list.next != &slot.list) return;
  const std::size_t level = index / kSlotsPerLevel;
  occupied_[level] &= ~(std::uint64_t{1} << (index % kSlotsPerLevel));
  if (occupied_[level] == 0) occupied_levels_ &= ~(1u << level);
}

void TimingWheel::remove(Event& event) {
  if (event.due_ == earliest_) is_earliest_known_ = false;
  unlink(event);
}

Event& TimingWheel::earliest_in(Slot& slot) {
  if (slot.earliest != nullptr) return *slot.earliest;
  Event* best = &event_of(*slot.list.next);
  for (EventLink* link = best->next; link != &slot.list; link = link->next) {
    if (event_of(*link).due_ < best->due_) best = &event_of(*link);
  }
  return *(slot.earliest = best);
}

void TimingWheel::find_earliest() {
  is_earliest_known_ = true;
  if (is_empty()) {
    earliest_ = Due{Instant::never(), Rank::last()};
    return;
  }
  const auto level = static_cast<std::size_t>(std::countr_zero(occupied_levels_));
  Slot& slot = slots_[level * kSlotsPerLevel + static_cast<std::size_t>(std::countr_zero(occupied_[level]))];
  earliest_ = (level == 0 ? event_of(*slot.list.next) : earliest_in(slot)).due_;
}

Event& TimingWheel::pop() {
  assert(!is_empty());
  const auto level = static_cast<std::size_t>(std::countr_zero(occupied_levels_));
  Slot& slot = slots_[level * kSlotsPerLevel + static_cast<std::size_t>(std::countr_zero(occupied_[level]))];
  Event& event = level == 0 ? event_of(*slot.list.next) : earliest_in(slot);
  base_ = static_cast<std::uint64_t>(event.due_.at.count());
  unlink(event);
  if (level > 0) cascade(slot);
  is_earliest_known_ = false;
  return event;
}

// The base has just entered this slot: what is left in it differs from the base in lower digits only.
void TimingWheel::cascade(Slot& slot) {
  while (slot.list.next != &slot.list) {
    Event& event = event_of(*slot.list.next);
    unlink(event);
    link_into(slot_for(event.due_.at), event);
  }
}

}  // namespace stackscope
