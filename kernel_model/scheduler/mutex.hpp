#pragma once
// A mutex: who finds it taken sleeps until it is handed over.
//
// Linux:   kernel/locking/mutex.c
// Differs: handed over in order of arrival; Linux lets a running task spin for it while its owner runs, and
//          so overtake. Who could notice: threads that share one epoll instance on several CPUs, by some microseconds.

#include <deque>

#include "sim/record.hpp"

namespace stackscope {

class Scheduler;
class Task;

class Mutex {
 public:
  /// REQUIRES: task context, interrupts on; not held by the current task.
  void lock(Scheduler& scheduler);
  void unlock(Scheduler& scheduler);
  bool is_locked() const { return owner_ != nullptr; }

 private:
  Task* owner_ = nullptr;
  RecordId taken_by_;
  std::deque<Task*> waiting_;
};

}  // namespace stackscope
