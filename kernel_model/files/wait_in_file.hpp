#pragma once
// Sleeping in read(2) or write(2) until a file has what is asked for.
//
// Linux:     include/linux/wait.h wait_event_interruptible_locked_irq(), as fs/eventfd.c and fs/timerfd.c use it
// Invariant: when it returns 0 the condition holds, and nobody else runs before the caller goes on.
// Differs:   the condition is looked at without the queue's lock, between charges.

#include "kernel_model/files/file.hpp"
#include "kernel_model/scheduler/scheduler.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

/// Sleeps at the tail of `queue`, not exclusively, until `condition()`: a wake-up makes all who sleep there look.
/// Returns 0, −EAGAIN at once where `file` does not block, or −EINTR. REQUIRES: task context.
template <class Condition>
int wait_in_file(const File& file, WaitQueue& queue, WaitReason reason, Condition condition) {
  Scheduler& scheduler = queue.scheduler();
  while (!condition()) {  // again where another one was faster while this one left
    if (file.is_nonblocking()) return -EAGAIN;
    const Instant since = scheduler.engine().now();
    WaitEntry entry = entry_for_current(scheduler, false);
    bool interrupted = false;
    for (;;) {
      if (!entry.is_queued()) queue.add(entry, WaitPlace::kTail);
      scheduler.set_sleeping();
      interrupted = !condition() && scheduler.signal_pending();
      if (interrupted || condition()) break;
      scheduler.schedule();
    }
    scheduler.set_running();
    scheduler.trace().emit(Waited{reason, since, scheduler.current().id(), {}});
    if (entry.is_queued()) queue.remove(entry);
    if (interrupted) return -EINTR;
  }
  return 0;
}

}  // namespace stackscope
