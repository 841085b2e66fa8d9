#pragma once
// Many independent jobs on some threads, their results in the order of the jobs: what is printed does not depend on how many
// threads there were.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace stackscope {

/// Calls `job(i)` for each i below `count`, each from its beginning to its end on one thread, and `done(i, result)` for each
/// on the calling thread, in order, as soon as it and all before it are there. What a job throws is thrown here.
template <class Result, class Job, class Done>
void in_order(std::size_t count, std::size_t threads, const Job& job, const Done& done) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) done(i, job(i));
    return;
  }
  struct Slot {
    std::optional<Result> result;
    std::exception_ptr failure;
  };
  std::vector<Slot> slots(count);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::condition_variable filled;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      Slot slot;
      try {
        slot.result.emplace(job(i));
      } catch (...) {
        slot.failure = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      slots[i] = std::move(slot);
      filled.notify_one();
    }
  };
  const std::size_t helpers = std::min(threads, count);
  std::vector<std::jthread> workers;
  workers.reserve(helpers);
  for (std::size_t i = 0; i < helpers; ++i) workers.emplace_back(work);
  for (std::size_t i = 0; i < count; ++i) {
    std::unique_lock lock(mutex);
    filled.wait(lock, [&] { return slots[i].result || slots[i].failure; });
    Slot slot = std::move(slots[i]);
    lock.unlock();
    if (slot.failure) {
      next = count;  // nobody begins another
      std::rethrow_exception(slot.failure);
    }
    done(i, *std::move(slot.result));
  }
}

}  // namespace stackscope
