// epoll_wait(2): sleeping until an item is ready, and reporting those that are.

#include <cassert>

#include "kernel_model/readiness/epoll.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

int Epoll::wait(std::span<epoll_event> events, int maxevents, Duration timeout) {
  if (maxevents <= 0 || maxevents > kMaxEvents) return -EINVAL;
  cpu().charge(costs().wait);
  return poll_for_events(events, maxevents, timeout);
}

/// Linux: ep_poll()
int Epoll::poll_for_events(std::span<epoll_event> events, int maxevents, Duration timeout) {
  const Instant now = shared_.scheduler.engine().now();
  const bool is_forever = timeout < Duration{} || timeout > Instant::never() - now;
  const Instant until = is_forever ? Instant::never() : now + timeout;
  const Task& task = shared_.scheduler.current();
  const Duration slack =
      is_forever ? Duration{} : select_estimate_accuracy(timeout, task.timer_slack(), task.attributes().nice);
  bool timed_out = timeout == Duration{};

  for (bool available = events_available();;) {
    if (available) {
      const int sent = send_events(events, maxevents);
      if (sent != 0) return sent;
    }
    if (timed_out) return 0;
    if (shared_.scheduler.signal_pending()) return -EINTR;
    available = sleep_until_ready(until, slack, timed_out);
  }
}

/// Sleeps unless something is on the lists already. Returns whether it is worth looking; sets `timed_out`.
bool Epoll::sleep_until_ready(Instant until, Duration slack, bool& timed_out) {
  Scheduler& scheduler = shared_.scheduler;
  WaitEntry entry = entry_for_current(scheduler, true);
  entry.callback = &Epoll::wake_sleeper;
  bool available = false;
  {
    Locked locked{*this};
    scheduler.set_sleeping();
    available = events_available();
    if (!available)
      sleepers_.add(entry,
                    MUTANT("epoll sleepers in order of arrival") ? WaitPlace::kTail : WaitPlace::kHead);
  }
  const Instant since = scheduler.engine().now();
  if (!available) {
    timed_out = until <= since || !scheduler.schedule_until(until, slack);
    if (scheduler.engine().now() > since) {
      trace().emit(Waited{WaitReason::kEvents, since, scheduler.current().id(), {}});
    }
  }
  scheduler.set_running();
  bool is_worth_looking = true;
  if (entry.is_queued()) {
    Locked locked{*this};
    // Woken while the time ran out: the event is this task's, and nobody else was told.
    if (timed_out) is_worth_looking = !entry.is_queued();
    sleepers_.remove(entry);
  }
  return is_worth_looking;
}

/// Leaves the queue even if the task was awake already: what it was woken for is its own to look after.
/// Linux: ep_autoremove_wake_function()
int Epoll::wake_sleeper(WaitEntry& entry, std::uint32_t, bool sync) {
  WaitQueue& queue = *entry.queue;
  const bool woken = queue.scheduler().wake_up(*entry.task, sync);
  queue.remove_locked(entry);
  return woken ? 1 : 0;
}

// --- the scan --------------------------------------------------------------------------------------------------------

/// What is ready of an item's interests. A file that is being closed has nothing. Linux: ep_item_poll(), epi_fget()
Events Epoll::ask(EpollItem& item, PollTable* table) {
  if (item.file.references == 0) return 0;
  const Events ready = item.file.poll(table);
  return MUTANT("reports what was not asked for") ? ready : ready & item.events;
}

/// Linux: ep_start_scan()
void Epoll::start_scan() {
  cpu().charge(costs().scan);
  Locked locked{*this};
  assert(!is_scanning_ && scan_.empty());
  scan_.splice_front(ready_);
  is_scanning_ = true;
  trace().emit(EpollScanBegan{id_});
  check_in_debug(*this);
}

/// Linux: ep_done_scan()
void Epoll::done_scan() {
  Locked locked{*this};
  // Newest first, each to the head: so that they end up oldest first.
  while (overflow_ != nullptr) {
    EpollItem& item = *overflow_;
    overflow_ = item.next_overflowed;
    item.next_overflowed = nullptr;
    item.is_overflowed = false;
    trace().emit(EpollUnlisted{id_, item.id(), EpollList::kOverflow});
    if (!item.is_listed() && !MUTANT("overflow list is lost")) list_ready(item, true);
  }
  while (MUTANT("beyond maxevents is lost") && !scan_.empty()) unlist(*scan_.front(), EpollList::kScan);
  ready_.splice_front(scan_);
  is_scanning_ = false;
  trace().emit(EpollScanEnded{id_});
  check_in_debug(*this);
  if (!ready_.empty() && sleepers_.is_active() && !MUTANT("no chain of wake-ups")) sleepers_.wake_up(0);
}

/// Linux: ep_send_events()
int Epoll::send_events(std::span<epoll_event> events, int maxevents) {
  if (shared_.scheduler.signal_pending()) return -EINTR;  // a fatal one: the events are for others
  mutex_.lock(shared_.scheduler);
  start_scan();
  int sent = 0;
  while (!scan_.empty() && sent < maxevents) {
    EpollItem& item = *scan_.front();
    cpu().charge(costs().scan_item);
    unlist(item, EpollList::kScan);
    const Events ready = ask(item, nullptr);
    if (ready == 0) continue;
    if (static_cast<std::size_t>(sent) == events.size()) {  // the program's memory ends here
      scan_.push_front(item);
      trace().emit(EpollListed{id_, item.id(), EpollList::kScan, true});
      if (sent == 0) sent = -EFAULT;
      break;
    }
    report(item, ready, events[static_cast<std::size_t>(sent++)]);
  }
  done_scan();
  mutex_.unlock(shared_.scheduler);
  return sent;
}

void Epoll::report(EpollItem& item, Events ready, epoll_event& to) {
  cpu().charge(costs().copy_event);
  to.events = ready;
  to.data.u64 = MUTANT("data is the descriptor") ? static_cast<std::uint64_t>(item.fd()) : item.data;
  trace().emit(EpollReported{id_, item.id(), ready});
  if ((item.events & EPOLLONESHOT) && !MUTANT("one-shot fires again")) {
    item.events &= kPrivateBits;
    trace().emit(EpollItemModified{id_, item.id(), item.events, item.data});
  } else if (MUTANT("edge-triggered as level-triggered") ||
             (!(item.events & EPOLLET) && !MUTANT("level-triggered as edge-triggered"))) {
    list_ready(item, false);  // level-triggered: the next one shall look whether it still is ready
  }
}

// --- an instance that is watched itself ----------------------------------------------------------------------------

Events Epoll::poll(PollTable* table) {
  if (table != nullptr) table->wait_on(*this, pollers_);
  mutex_.lock(shared_.scheduler);
  start_scan();
  Events ready = 0;
  while (!scan_.empty() && ready == 0) {
    EpollItem& item = *scan_.front();
    cpu().charge(costs().scan_item);
    if (ask(item, nullptr) != 0) {
      ready = EPOLLIN | EPOLLRDNORM;
    } else {
      unlist(item, EpollList::kScan);
    }
  }
  done_scan();
  mutex_.unlock(shared_.scheduler);
  return ready;
}

}  // namespace stackscope
