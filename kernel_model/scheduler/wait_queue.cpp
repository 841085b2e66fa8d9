#include "kernel_model/scheduler/wait_queue.hpp"

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

WaitQueue::WaitQueue(Scheduler& scheduler) : scheduler_(scheduler), id_(scheduler.new_wait_queue_id()) {}

void WaitQueue::add(WaitEntry& entry, WaitPlace place) {
  assert(!entry.is_queued());
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_.lock(cpu);
  cpu.charge(cpu.costs().wait_queue_add);
  link(entry, place);
  lock_.unlock(cpu);
}

void WaitQueue::link(WaitEntry& entry, WaitPlace place) {
  entry.queue = this;
  entry.id = scheduler_.new_waiter_id();
  if (MUTANT("exclusive waiters stand first") && entry.exclusive) place = WaitPlace::kHead;
  WaitEntry*& end = place == WaitPlace::kHead ? head_ : tail_;
  entry.previous = place == WaitPlace::kHead ? nullptr : tail_;
  entry.next = place == WaitPlace::kHead ? head_ : nullptr;
  if (end != nullptr) (place == WaitPlace::kHead ? end->previous : end->next) = &entry;
  end = &entry;
  if (head_ == nullptr) head_ = &entry;
  if (tail_ == nullptr) tail_ = &entry;
  scheduler_.trace().emit(WaiterAdded{id_, entry.id, entry.task != nullptr ? entry.task->id() : TaskId{},
                                      entry.item, entry.exclusive, place == WaitPlace::kHead});
  check_in_debug(*this);
}

// One that its callback has taken out needs no lock. Linux: list_empty_careful() in finish_wait()
void WaitQueue::remove(WaitEntry& entry) {
  if (!entry.is_queued()) return;
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_.lock(cpu);
  if (entry.is_queued()) {
    cpu.charge(cpu.costs().wait_queue_remove);
    remove_locked(entry);
  }
  lock_.unlock(cpu);
}

void WaitQueue::remove_locked(WaitEntry& entry) {
  assert(entry.queue == this);
  (entry.previous != nullptr ? entry.previous->next : head_) = entry.next;
  (entry.next != nullptr ? entry.next->previous : tail_) = entry.previous;
  entry.queue = nullptr;
  entry.previous = entry.next = nullptr;
  scheduler_.trace().emit(WaiterRemoved{id_, entry.id});
  check_in_debug(*this);
}

void WaitQueue::check_invariants() const {
  const WaitEntry* previous = nullptr;
  for (const WaitEntry* entry = head_; entry != nullptr; entry = entry->next) {
    assert(entry->queue == this && entry->previous == previous && entry->callback != nullptr);
    previous = entry;
  }
  assert(tail_ == previous);
}

std::uint32_t WaitQueue::wake_up(std::uint32_t events, int nr_exclusive, bool sync) {
  Cpu& cpu = scheduler_.cpu();
  IrqSection irqs_off{cpu};
  lock_.lock(cpu);
  std::uint32_t called = 0;
  WaitEntry* next = nullptr;
  for (WaitEntry* entry = head_; entry != nullptr; entry = next) {
    next = entry->next;
    const bool exclusive = entry->exclusive;
    ++called;
    cpu.charge(cpu.costs().wait_callback);
    const int satisfied = entry->callback(*entry, events, sync);
    if (satisfied < 0) break;
    if (satisfied > 0 && exclusive && --nr_exclusive == 0 && !MUTANT("a wake-up never stops")) break;
    if (MUTANT("a wake-up stops at the first") && satisfied > 0) break;
  }
  scheduler_.trace().emit(WakeUp{id_, events, called});
  lock_.unlock(cpu);
  return called;
}

int autoremove_wake(WaitEntry& entry, std::uint32_t, bool sync) {
  Scheduler& scheduler = entry.queue->scheduler();
  if (!scheduler.wake_up(*entry.task, sync)) return 0;
  entry.queue->remove_locked(entry);
  return 1;
}

WaitEntry entry_for_current(Scheduler& scheduler, bool exclusive) {
  return WaitEntry{.callback = &autoremove_wake, .task = &scheduler.current(), .exclusive = exclusive};
}

}  // namespace stackscope
