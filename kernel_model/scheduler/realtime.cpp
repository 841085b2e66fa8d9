#include "kernel_model/scheduler/realtime.hpp"

#include <bit>
#include <cassert>

#include "sim/mutant.hpp"

namespace stackscope {

RealtimeRunQueue::~RealtimeRunQueue() {
  for (List& list : lists_) list.clear();
}

void RealtimeRunQueue::enqueue(RealtimeEntity& entity, End end) {
  assert(!entity.is_queued() && entity.priority >= 1 && entity.priority <= 99);
  if (entity.round_robin && entity.time_slice == 0) entity.time_slice = rr_timeslice_;
  const unsigned which = list_of(entity);
  if (end == End::kHead || MUTANT("real-time tasks are a stack")) {
    lists_[which].push_front(entity);
  } else {
    lists_[which].push_back(entity);
  }
  occupied_[which / 64] |= std::uint64_t{1} << (which % 64);
  ++queued_;
}

void RealtimeRunQueue::dequeue(RealtimeEntity& entity) {
  assert(entity.is_queued());
  const unsigned which = list_of(entity);
  lists_[which].erase(lists_[which].iterator_to(entity));
  if (lists_[which].empty()) occupied_[which / 64] &= ~(std::uint64_t{1} << (which % 64));
  --queued_;
}

unsigned RealtimeRunQueue::first_list() const {
  return static_cast<unsigned>(occupied_[0] ? std::countr_zero(occupied_[0])
                                            : 64 + std::countr_zero(occupied_[1]));
}

RealtimeEntity* RealtimeRunQueue::pick() { return empty() ? nullptr : &lists_[first_list()].front(); }

/// Linux: requeue_task_rt()
void RealtimeRunQueue::move_to_tail(RealtimeEntity& entity) {
  List& list = lists_[list_of(entity)];
  list.splice(list.end(), list, list.iterator_to(entity));
}

void RealtimeRunQueue::yield(RealtimeEntity& current) {
  assert(current.is_queued());
  move_to_tail(current);
}

bool RealtimeRunQueue::tick(RealtimeEntity& current) {
  assert(current.is_queued());
  if (!current.round_robin) return false;  // SCHED_FIFO runs until it sleeps
  if (current.time_slice > 1) {
    --current.time_slice;
    return false;
  }
  current.time_slice = rr_timeslice_;
  const List& list = lists_[list_of(current)];
  if (&list.front() == &list.back()) return false;  // nobody to make room for
  move_to_tail(current);
  return true;
}

void RealtimeRunQueue::set_priority(RealtimeEntity& entity, std::uint8_t priority) {
  const End end = priority < entity.priority ? End::kHead : End::kTail;
  const bool was_queued = entity.is_queued();
  if (was_queued) dequeue(entity);
  entity.priority = priority;
  if (was_queued) enqueue(entity, end);
}

}  // namespace stackscope
