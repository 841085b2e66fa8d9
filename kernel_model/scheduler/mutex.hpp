#pragma once
// A mutex: who finds it taken sleeps until it is handed over.
//
// Linux:   kernel/locking/mutex.c
// Differs: handed over in order of arrival; Linux lets a running task spin for it while its owner runs, and
//          so overtake. Who could notice: threads that share one epoll instance on several CPUs, by some microseconds.

#include <deque>
#include <optional>

#include "kernel_model/vocabulary/ids.hpp"
#include "sim/record.hpp"

namespace stackscope {

class Scheduler;
class Task;

class Mutex {
 public:
  /// `epoll` is whose it is, for who reads the records; 0 where all instances share it. Without one (a pipe's) records
  /// tell that somebody waited, and not who stands in the queue.
  explicit Mutex(std::optional<EpollId> epoll = {}) : epoll_(epoll) {}

  /// REQUIRES: task context, interrupts on; not held by the current task.
  void lock(Scheduler& scheduler);
  void unlock(Scheduler& scheduler);
  bool is_locked() const { return owner_ != nullptr; }
  /// In the order in which it will be theirs.
  const std::deque<Task*>& waiting() const { return waiting_; }

 private:
  std::optional<EpollId> epoll_;
  Task* owner_ = nullptr;
  RecordId taken_by_;
  std::deque<Task*> waiting_;
};

}  // namespace stackscope
