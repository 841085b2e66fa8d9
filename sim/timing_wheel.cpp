#include "sim/timing_wheel.hpp"

#include "sim/check_in_debug.hpp"

namespace stackscope {

TimingWheel::TimingWheel() {
  for (Slot& slot : slots_) slot.list.prev = slot.list.next = &slot.list;
}

void TimingWheel::insert(Event& event) {
  assert(!event.is_pending() && static_cast<std::uint64_t>(event.due_.at.count()) >= base_);
  link_into(slot_for(event.due_.at), event);
  if (is_earliest_known_ && event.due_ < earliest_) {
    first_ = &event;
    earliest_ = event.due_;
  }
  check_in_debug(*this, event.slot_);
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
  if (&event == first_) is_earliest_known_ = false;
  unlink(event);
  check_in_debug(*this, event.slot_);
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
    first_ = nullptr;
    earliest_ = kNothing;
    return;
  }
  const unsigned index = first_slot();
  Slot& slot = slots_[index];
  first_ = index < kSlotsPerLevel ? &event_of(*slot.list.next) : &earliest_in(slot);
  earliest_ = first_->due_;
}

Event& TimingWheel::pop() {
  assert(!is_empty());
  if (!is_earliest_known_) find_earliest();
  Event& event = *first_;
  is_earliest_known_ = false;
  base_ = static_cast<std::uint64_t>(event.due_.at.count());
  unlink(event);
  if (event.slot_ >= kSlotsPerLevel && slots_[event.slot_].list.next != &slots_[event.slot_].list)
    cascade(event.slot_);
  check_in_debug(*this, event.slot_);
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

void TimingWheel::check_invariants([[maybe_unused]] unsigned index) const {
  const Slot& slot = slots_[index];
  [[maybe_unused]] const Level& level = levels_[index / kSlotsPerLevel];
  [[maybe_unused]] const unsigned digit = index % kSlotsPerLevel;
  const auto is_set = [](std::uint64_t bits, unsigned bit) { return (bits >> bit & 1) != 0; };
  assert(is_set(level.slots[digit / 64], digit % 64) == (slot.list.next != &slot.list));
  assert(is_set(level.words, digit / 64) == (level.slots[digit / 64] != 0));
  assert(is_set(occupied_levels_, index / kSlotsPerLevel) == (level.words != 0));
  int left = 16;
  for (const EventLink* link = slot.list.next; link != &slot.list && left > 0; link = link->next, --left) {
    [[maybe_unused]] const Event& event = static_cast<const Event&>(*link);
    assert(link->next->prev == link && link->prev->next == link);
    assert(event.slot_ == index && slot_for(event.due_.at) == index);
    assert(index >= kSlotsPerLevel || link->prev == &slot.list ||
           static_cast<const Event&>(*link->prev).due_.rank <= event.due_.rank);
  }
}

}  // namespace stackscope
