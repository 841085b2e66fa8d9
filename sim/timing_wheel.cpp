#include "sim/timing_wheel.hpp"

namespace stackscope {

TimingWheel::TimingWheel() {
  for (Slot& slot : slots_) slot.list.prev = slot.list.next = &slot.list;
}

void TimingWheel::insert(Event& event) {
  assert(!event.is_pending() && static_cast<std::uint64_t>(event.due_.at.count()) >= base_);
  link_into(slot_for(event.due_.at), event);
  if (is_earliest_known_ && event.due_ < earliest_) earliest_ = event.due_;
}

// In the lowest level behind all of lower or equal rank; above it at the end, where order is settled by cascading.
void TimingWheel::link_into(unsigned index, Event& event) {
  Slot& slot = slots_[index];
  EventLink* before = slot.list.prev;
  if (before == &slot.list) {
    slot.earliest = &event;
    Level& level = levels_[index / kSlotsPerLevel];
    const unsigned digit = index % kSlotsPerLevel;
    level.slots[digit / 64] |= std::uint64_t{1} << (digit % 64);
    level.words |= 1u << (digit / 64);
    occupied_levels_ |= 1u << (index / kSlotsPerLevel);
  } else if (index < kSlotsPerLevel) {
    while (before != &slot.list && event_of(*before).due_.rank > event.due_.rank) before = before->prev;
  } else if (slot.earliest != nullptr && event.due_ < slot.earliest->due_) {
    slot.earliest = &event;
  }
  event.prev = before;
  event.next = before->next;
  before->next->prev = &event;
  before->next = &event;
  event.slot_ = static_cast<std::uint16_t>(index);
}

void TimingWheel::unlink(Event& event) {
  Slot& slot = slots_[event.slot_];
  event.prev->next = event.next;
  event.next->prev = event.prev;
  event.prev = event.next = nullptr;
  if (slot.earliest == &event) slot.earliest = nullptr;
  if (slot.list.next == &slot.list) mark_empty(event.slot_);
}

void TimingWheel::mark_empty(unsigned index) {
  Level& level = levels_[index / kSlotsPerLevel];
  const unsigned digit = index % kSlotsPerLevel;
  level.slots[digit / 64] &= ~(std::uint64_t{1} << (digit % 64));
  if (level.slots[digit / 64] != 0) return;
  level.words &= ~(1u << (digit / 64));
  if (level.words == 0) occupied_levels_ &= ~(1u << (index / kSlotsPerLevel));
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
  const unsigned index = first_slot();
  Slot& slot = slots_[index];
  earliest_ = (index < kSlotsPerLevel ? event_of(*slot.list.next) : earliest_in(slot)).due_;
}

Event& TimingWheel::pop() {
  assert(!is_empty());
  const unsigned index = first_slot();
  Slot& slot = slots_[index];
  Event& event = index < kSlotsPerLevel ? event_of(*slot.list.next) : earliest_in(slot);
  base_ = static_cast<std::uint64_t>(event.due_.at.count());
  unlink(event);
  if (index >= kSlotsPerLevel && slot.list.next != &slot.list) cascade(index);
  is_earliest_known_ = false;
  return event;
}

// The base has just entered this slot: what is left in it differs from the base in lower digits only.
void TimingWheel::cascade(unsigned index) {
  Slot& slot = slots_[index];
  EventLink* link = slot.list.next;
  slot.list.next = slot.list.prev = &slot.list;
  slot.earliest = nullptr;
  mark_empty(index);
  while (link != &slot.list) {
    Event& event = event_of(*link);
    link = link->next;
    link_into(slot_for(event.due_.at), event);
  }
}

}  // namespace stackscope
