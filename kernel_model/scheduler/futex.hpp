#pragma once
// Futexes: a thread sleeps while a word of memory has a value, until another says that it changed.
//
// Real-time threads are woken before others, the higher priority first; among equals the first come.
//
// Linux:     kernel/futex/waitwake.c futex_wait(), futex_wait_setup(), futex_wake(); kernel/futex/core.c __futex_queue()
// Invariant: between the look at the word and the sleep no wake-up is lost: both hold the word's lock.
// Differs:   private futexes with FUTEX_BITSET_MATCH_ANY only: no bitsets, requeueing or priority inheritance.
// Differs:   a lock a word; Linux shares one between the words of a hash bucket. Who could notice: nobody but by contention.

#include <cstdint>
#include <list>
#include <map>
#include <vector>

#include "kernel_model/hardware/spin_lock.hpp"
#include "kernel_model/vocabulary/ids.hpp"
#include "sim/time.hpp"

namespace stackscope {

class Scheduler;
class Task;

/// The words of one process on which threads sleep. A word is named by its ordinal.
class Futexes {
 public:
  static constexpr Duration kForever = Duration::ns(-1);

  /// `process`: whose words they are.
  Futexes(ProcessId process, Scheduler& scheduler) : process_(process), scheduler_(scheduler) {}
  Futexes(const Futexes&) = delete;
  Futexes& operator=(const Futexes&) = delete;

  /// Sleeps if `value`, the word's memory, is `expected`. Returns 0 when woken, −EAGAIN where it is not, −ETIMEDOUT, −EINTR. A
  /// negative timeout is forever. REQUIRES: task context. Linux: FUTEX_WAIT
  int wait(unsigned word, const std::uint32_t& value, std::uint32_t expected, Duration timeout);

  /// Wakes up to `most` of those who sleep on the word; returns how many. Linux: FUTEX_WAKE, which wakes one for 0
  int wake(unsigned word, int most);

  /// Somebody sleeps on the word.
  bool is_awaited(unsigned word) const {
    const auto found = words_.find(word);
    return found != words_.end() && !found->second.waiting.empty();
  }

  /// Calls `visit(word, task)` for each who waits, word by word, in the order in which they are woken.
  void for_each_waiting(auto visit) const {
    for (const auto& [number, word] : words_) {
      for (const Waiter* waiter : word.waiting) visit(number, *waiter->task);
    }
  }

 private:
  struct Waiter {
    Task* task;
    int rank;  // what it is woken in the order of: low ones first; Linux: plist_node.prio
    bool is_queued = true;
  };
  struct Word {
    SpinLock lock;
    std::vector<Waiter*> waiting;
  };

  void enqueue(unsigned number, Waiter& waiter);
  void dequeue(unsigned number, Waiter& waiter);

  ProcessId process_;
  Scheduler& scheduler_;
  std::list<std::vector<Task*>> wakes_;  // under way; not the waking fiber's, which may be dropped in one
  std::map<unsigned, Word> words_;       // a word stays once it was used: there are few
};

}  // namespace stackscope
