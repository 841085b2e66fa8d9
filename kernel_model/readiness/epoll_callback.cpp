// What happens when a watched file reports something: in the waker's context, often an interrupt.

#include "kernel_model/readiness/epoll.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

/// Runs with the file's wait queue locked. Returns whether an exclusive waiter was satisfied, so that the wake-up stops
/// here. Linux: ep_poll_callback()
int Epoll::on_file_reports(WaitEntry& entry, std::uint32_t events, bool sync) {
  EpollItem& item = *static_cast<EpollItem*>(entry.owner);
  Epoll& epoll = item.epoll;
  bool pollers_wait = false;
  const bool satisfied = epoll.note_ready(item, events, sync, pollers_wait);
  if (pollers_wait && !MUTANT("outer instance is not told")) epoll.wake_pollers();
  if (MUTANT("exclusive item satisfies nobody")) return 0;
  return satisfied || !(item.events & EPOLLEXCLUSIVE) ? 1 : 0;
}

/// Returns whether a sleeper was found whom an exclusive item may count.
bool Epoll::note_ready(EpollItem& item, Events happened, bool sync, bool& pollers_wait) {
  Locked locked{*this};
  cpu().charge(costs().callback);
  if (!(item.events & ~kPrivateBits)) return false;  // one-shot, and fired
  const bool counts = happened == 0 || (happened & item.events) != 0 || MUTANT("callback ignores the mask");
  if (!counts) return false;  // of no interest
  if (is_scanning_) {
    if (!item.is_overflowed) overflow(item);
  } else if (!item.is_listed()) {
    list_ready(item, false);
  }
  const bool satisfied = sleepers_.is_active() && wake_for(item, happened, sync);
  pollers_wait = pollers_.is_active();
  return satisfied;
}

/// An exclusive item is satisfied if what happened is one thing, and the thing that it waits for. A wake-up for both
/// reading and writing satisfies nobody, so that a reader does not keep it from a writer.
bool Epoll::wake_for(const EpollItem& item, Events happened, bool sync) {
  bool satisfied = false;
  if (item.events & EPOLLEXCLUSIVE) {
    const Events direction = happened & (EPOLLIN | EPOLLOUT);
    satisfied = direction == 0 || (direction != (EPOLLIN | EPOLLOUT) && (item.events & direction) != 0);
  }
  sleepers_.wake_up(0, 1, sync);
  return satisfied;
}

/// Tells those that watch this instance. Linux: ep_poll_safewake()
void Epoll::wake_pollers() { pollers_.wake_up(EPOLLIN); }

}  // namespace stackscope
