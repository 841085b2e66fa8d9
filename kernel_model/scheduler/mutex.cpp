#include "kernel_model/scheduler/mutex.hpp"

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

void Mutex::lock(Scheduler& scheduler) {
  Task& task = scheduler.current();
  assert(owner_ != &task && "deadlock: this task holds the mutex already");
  if (owner_ != nullptr) {
    const Instant since = scheduler.engine().now();
    const RecordId behind = taken_by_;
    waiting_.push_back(&task);
    if (epoll_) scheduler.trace().emit(MutexQueued{task.id(), *epoll_});
    while (owner_ != &task) {
      scheduler.set_sleeping_uninterruptibly();
      scheduler.schedule();
    }
    scheduler.trace().emit(Waited{WaitReason::kMutex, since, task.id(), behind});
  }
  owner_ = &task;
  taken_by_ = scheduler.engine().moment().cause;
}

void Mutex::unlock(Scheduler& scheduler) {
  assert(owner_ == &scheduler.current());
  owner_ = nullptr;
  if (waiting_.empty()) return;
  owner_ = waiting_.front();
  waiting_.pop_front();
  if (epoll_) scheduler.trace().emit(MutexPassed{owner_->id(), *epoll_});
  scheduler.wake_up(*owner_);
}

}  // namespace stackscope
