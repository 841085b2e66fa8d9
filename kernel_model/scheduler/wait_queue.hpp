#pragma once
// Wait queues: whoever waits for something hangs here, and is called when it happens.
//
// An entry is a callback. For a sleeping task it makes the task runnable; for an epoll item it marks the item ready.
// A wake-up walks from the head, calls everybody whose key fits, and stops after `nr_exclusive` exclusive entries that
// were satisfied; others do not count. The lock is held meanwhile, with interrupts off, so that whoever wants to join or
// leave on another CPU spins.
//
// Linux:     include/linux/wait.h, kernel/sched/wait.c __wake_up_common(), prepare_to_wait_event(), finish_wait(),
//            autoremove_wake_function()
// Invariant: an entry is in at most one queue; it may be removed by its own callback while the queue is walked, by nobody
//            else.

#include <cstdint>

#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/vocabulary/cpu_records.hpp"

namespace stackscope {

class Scheduler;
class Task;
class WaitQueue;

/// One who waits. Lives in its owner, often on a sleeping task's stack. Linux: struct wait_queue_entry
struct WaitEntry {
  /// The queue was woken for `events` (poll bits; 0 means any). Returns whether this entry was satisfied; counts for
  /// exclusive ones. Negative stops the walk. Runs with the queue's lock held and interrupts off: it must not block.
  using Callback = int (*)(WaitEntry& entry, std::uint32_t events, bool sync);

  Callback callback = nullptr;
  void* owner = nullptr;
  Task* task = nullptr;  // who sleeps, where somebody does
  ItemId item{};         // the epoll item, where it is one's
  bool exclusive = false;

  bool is_queued() const { return queue != nullptr; }

  // the queue's own
  WaiterId id{};
  WaitQueue* queue = nullptr;
  WaitEntry* previous = nullptr;
  WaitEntry* next = nullptr;
};

/// Where an entry joins.
enum class WaitPlace : std::uint8_t { kHead, kTail };

class WaitQueue {
 public:
  explicit WaitQueue(Scheduler& scheduler);
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  WaitQueueId id() const { return id_; }
  /// Somebody waits. May be asked without the lock. Linux: waitqueue_active()
  bool is_active() const { return head_ != nullptr; }
  const WaitEntry* head() const { return head_; }
  Scheduler& scheduler() const { return scheduler_; }

  /// Joins; `entry.exclusive` is set before. Plain waiters join at the head, exclusive ones at the tail, but those of
  /// epoll_wait() at the head. Linux: add_wait_queue(), add_wait_queue_exclusive(), __add_wait_queue_exclusive()
  void add(WaitEntry& entry, WaitPlace place);
  /// Leaves, if still in. Linux: remove_wait_queue(), finish_wait()
  void remove(WaitEntry& entry);
  /// For a callback: leaves while the queue is walked.
  void remove_locked(WaitEntry& entry);

  /// Calls those who wait. Returns how many callbacks were called. Linux: __wake_up(), __wake_up_sync_key()
  std::uint32_t wake_up(std::uint32_t events, int nr_exclusive = 1, bool sync = false);

  /// Asserts that the list is one, and that its entries know that they are in it. For debug builds.
  void check_invariants() const;

 private:
  void link(WaitEntry& entry, WaitPlace place);

  Scheduler& scheduler_;
  WaitQueueId id_;
  SpinLock lock_;
  WaitEntry* head_ = nullptr;
  WaitEntry* tail_ = nullptr;
};

/// Makes the entry's task runnable, and takes it out of the queue if it was asleep.
/// Linux: kernel/sched/wait.c autoremove_wake_function()
int autoremove_wake(WaitEntry& entry, std::uint32_t events, bool sync);

/// An entry for the current task. Linux: DEFINE_WAIT()
WaitEntry entry_for_current(Scheduler& scheduler, bool exclusive);

}  // namespace stackscope
