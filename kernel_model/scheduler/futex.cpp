#include "kernel_model/scheduler/futex.hpp"

#include <algorithm>
#include <cerrno>

#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

namespace {

constexpr int kNotRealtime = 100;  // Linux: MAX_RT_PRIO

int rank_of(const Task& task) {
  return task.is_realtime() ? kNotRealtime - 1 - task.attributes().priority : kNotRealtime;
}

}  // namespace

void Futexes::enqueue(unsigned number, Waiter& waiter) {
  Word& word = words_[number];
  const auto place = std::find_if(word.waiting.begin(), word.waiting.end(), [&](const Waiter* other) {
    return MUTANT("futex waiters are a stack") || other->rank > waiter.rank;
  });
  const auto before = static_cast<std::uint32_t>(place - word.waiting.begin());
  word.waiting.insert(place, &waiter);
  scheduler_.trace().emit(FutexQueued{waiter.task->id(), process_, number, before});
}

void Futexes::dequeue(unsigned number, Waiter& waiter) {
  std::erase(words_[number].waiting, &waiter);
  scheduler_.trace().emit(FutexUnqueued{waiter.task->id(), process_, number});
}

int Futexes::wait(unsigned number, const std::uint32_t& value, std::uint32_t expected, Duration timeout) {
  scheduler_.cpu().charge(scheduler_.costs().futex_wait);
  Task& task = scheduler_.current();
  Word& word = words_[number];
  Waiter waiter{&task, rank_of(task)};
  const Instant since = scheduler_.engine().now();
  const bool is_forever = timeout < Duration{} || timeout > Instant::never() - since;
  const Instant until = is_forever ? Instant::never() : since + timeout;

  word.lock.lock(scheduler_.cpu());
  if (value != expected) {
    word.lock.unlock(scheduler_.cpu());
    return -EAGAIN;
  }
  enqueue(number, waiter);
  word.lock.unlock(scheduler_.cpu());

  bool in_time = true;
  while (waiter.is_queued && in_time && !scheduler_.signal_pending()) {
    scheduler_.set_sleeping();  // again, where it was woken for something else
    in_time = scheduler_.schedule_until(until, task.timer_slack());
  }
  scheduler_.set_running();
  scheduler_.trace().emit(Waited{WaitReason::kFutex, since, task.id(), {}});

  word.lock.lock(scheduler_.cpu());
  if (waiter.is_queued) dequeue(number, waiter);
  word.lock.unlock(scheduler_.cpu());
  if (!waiter.is_queued) return 0;  // woken in the last moment counts as woken
  return in_time ? -EINTR : -ETIMEDOUT;
}

int Futexes::wake(unsigned number, int most) {
  scheduler_.cpu().charge(scheduler_.costs().futex_wake);
  const auto found = words_.find(number);
  if (found == words_.end()) return 0;
  Word& word = found->second;
  const auto wake = wakes_.emplace(wakes_.end());
  std::vector<Task*>& woken =
      *wake;  // only once the lock is free, so that they do not run into it; Linux: wake_q
  word.lock.lock(scheduler_.cpu());
  while (!word.waiting.empty()) {
    Waiter& waiter = *word.waiting.front();
    waiter.is_queued = false;
    woken.push_back(waiter.task);
    dequeue(number, waiter);
    if (static_cast<int>(woken.size()) >= most + (MUTANT("futex wakes one more") ? 1 : 0)) break;
  }
  word.lock.unlock(scheduler_.cpu());
  for (Task* task : woken) scheduler_.wake_up(*task);
  const int count = static_cast<int>(woken.size());
  wakes_.erase(wake);
  return count;
}

}  // namespace stackscope
