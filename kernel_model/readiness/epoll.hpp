#pragma once
// An epoll instance: it remembers which files are ready, so that asking costs what is ready, not what is watched.
//
// Each watched file has an item, found through a red-black tree. The item's callback hangs in the file's wait queue; when the
// file reports something, the callback appends the item to the ready list and wakes one of those who sleep in epoll_wait().
// epoll_wait() takes the list aside, asks each file again, and reports those that are ready indeed. Level-triggered items
// then go back to the end of the list, and the next sleeper is woken to look: the chain behind a second wake-up an
// event. What reports itself while the list is aside goes to the overflow list, and from there back, first come first.
//
// Linux:     fs/eventpoll.c (6.18: one spinlock, ep->lock, guards both lists)
// Invariant: an item is on the ready list at most once, however often its file reports; what was not looked at goes back to
//            the head of the list.
// Locks:     EpollShared's nesting mutex, then the instance's mutex, outer instances before inner ones, then a file's wait
//            queue, then the instance's spinlock, then its own wait queues.
// Differs:   no busy polling of NIC queues (net.core.busy_poll, EPIOCSPARAMS). Who could notice: a host that sets them.
// Differs:   EPOLLWAKEUP is accepted and dropped, as for a process without CAP_BLOCK_SUSPEND: nothing here suspends.
// Differs:   no limit on watches for each user (fs.epoll.max_user_watches), so no ENOSPC.
// Differs:   memory is freed at once, not after an RCU grace period; nothing here reads it without a lock.

#include <memory>
#include <span>
#include <sys/epoll.h>
#include <vector>

#include "kernel_model/costs/epoll_costs.hpp"
#include "kernel_model/readiness/epoll_item.hpp"
#include "kernel_model/scheduler/mutex.hpp"
#include "kernel_model/scheduler/scheduler.hpp"

namespace stackscope {

/// What the epoll instances of a host have in common.
class EpollShared {
 public:
  /// Both outlive this.
  EpollShared(Scheduler& its_scheduler, const EpollCosts& its_costs)
      : scheduler(its_scheduler), costs(its_costs) {}

  Scheduler& scheduler;
  const EpollCosts& costs;

  const Mutex& nested_mutex() const { return nested_mutex_; }

 private:
  friend class Epoll;
  friend class EpollNesting;
  Ordinals<EpollId> epoll_ids_;
  Ordinals<ItemId> item_ids_;
  Mutex nested_mutex_{EpollId{}};     // Linux: epnested_mutex
  std::uint64_t loop_check_gen_ = 1;  // which check has seen an instance; Linux: loop_check_gen
};

class EpollNesting;

class Epoll final : public File {
 public:
  /// A private bit says how to watch, not what for. Linux: EP_PRIVATE_BITS
  static constexpr Events kPrivateBits = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
  /// Linux: EP_MAX_EVENTS
  static constexpr int kMaxEvents = INT32_MAX / static_cast<int>(sizeof(epoll_event));
  /// A timeout that never ends.
  static constexpr Duration kForever = Duration::ns(-1);

  Epoll(FileId id, EpollShared& shared);
  ~Epoll() override;

  EpollId epoll_id() const { return id_; }

  /// epoll_ctl(2), without the descriptor layer's EBADF: `event` may be null for EPOLL_CTL_DEL. Returns 0 or −errno:
  /// EPERM (the file cannot be polled), EINVAL (itself; a wrong operation; EPOLLEXCLUSIVE where it may not be, changed,
  /// or too many paths), ELOOP, EEXIST, ENOENT. REQUIRES: task context.
  /// Linux: do_epoll_ctl()
  int ctl(int operation, File& file, int fd, const epoll_event* event);

  /// epoll_wait(2). A negative timeout is forever. Returns how many events were written, or −errno: EINVAL (maxevents not
  /// positive or huge), EFAULT (no room in `events` for the first), EINTR. REQUIRES: task context.
  /// Linux: do_epoll_wait(), ep_poll()
  int wait(std::span<epoll_event> events, int maxevents, Duration timeout);

  /// Ready where one of its items is: an instance can be watched by another. Linux: ep_eventpoll_poll()
  Events poll(PollTable* table) override;

  /// EPIOCGPARAMS: no busy polling, 0 µs; else −EINVAL. Linux: ep_eventpoll_ioctl()
  int ioctl(unsigned long request, int& value) override {
    constexpr unsigned long kGetParameters = 0x80088a02;
    return request == kGetParameters ? value = 0, 0 : -EINVAL;
  }

  /// Linux: ep_eventpoll_release(), ep_clear_and_put()
  void release() override;

  // --- for tests and views ---------------------------------------------------------------------------------------------
  const InterestTree& tree() const { return tree_; }
  const EpollItemList& ready_list() const { return ready_; }
  const EpollItemList& scan_list() const { return scan_; }
  const EpollItem* overflow_list() const { return overflow_; }
  bool is_scanning() const { return is_scanning_; }
  const WaitQueue& sleepers() const { return sleepers_; }
  const WaitQueue& pollers() const { return pollers_; }
  const Mutex& mutex() const { return mutex_; }
  /// Asserts what the headers say always holds of lists and tree. For debug builds.
  void check_invariants() const;
  /// The same of the lists alone: what a callback touches.
  void check_lists() const;

 private:
  friend class EpollNesting;
  friend void release_watchers(File& file);
  class HookTable;
  class Locked;

  // epoll_ctl.cpp
  int ctl_nested(int operation, File& file, int fd, const epoll_event& event);
  int ctl_locked(int operation, File& file, int fd, const epoll_event& event, EpollNesting* nesting);
  int insert(const epoll_event& event, File& file, int fd, EpollNesting* nesting);
  void modify(EpollItem& item, const epoll_event& event);
  void remove(EpollItem& item);
  void unhook(EpollItem& item);
  EpollItem* find(const File& file, int fd);
  void link_item(EpollItem& item);
  void enlist_if_ready(EpollItem& item, Events ready);

  // epoll_wait.cpp
  int poll_for_events(std::span<epoll_event> events, int maxevents, Duration timeout);
  bool sleep_until_ready(Instant until, Duration slack, bool& timed_out);
  int send_events(std::span<epoll_event> events, int maxevents);
  void report(EpollItem& item, Events ready, epoll_event& to);
  static Events ask(EpollItem& item, PollTable* table);
  void start_scan();
  void done_scan();
  bool events_available() const { return !ready_.empty() || is_scanning_; }

  // epoll_callback.cpp
  static int on_file_reports(WaitEntry& entry, std::uint32_t events, bool sync);
  static int wake_sleeper(WaitEntry& entry, std::uint32_t events, bool sync);
  bool note_ready(EpollItem& item, Events happened, bool sync, bool& pollers_wait);
  bool wake_for(const EpollItem& item, Events happened, bool sync);
  void wake_pollers();

  // epoll.cpp: the lists, each with its record
  void list_ready(EpollItem& item, bool at_head);
  void unlist(EpollItem& item, EpollList from);
  void overflow(EpollItem& item);
  static void free_below(const InterestNode* node);
  void check_lists_in_debug() const {
#ifdef STACKSCOPE_CHECK_INVARIANTS
    check_lists();
#endif
  }
  Cpu& cpu() { return shared_.scheduler.cpu(); }
  Trace& trace() { return shared_.scheduler.trace(); }
  const EpollCosts& costs() const { return shared_.costs; }

  EpollShared& shared_;
  EpollId id_;
  Mutex mutex_;                    // Linux: mtx
  SpinLock lock_;                  // Linux: lock; taken with interrupts off
  WaitQueue sleepers_;             // who sleeps in epoll_wait(); Linux: wq
  WaitQueue pollers_;              // who watches this instance; Linux: poll_wait
  InterestTree tree_;              // Linux: rbr
  EpollItemList ready_;            // Linux: rdllist
  EpollItemList scan_;             // what is being looked at; Linux: txlist
  EpollItem* overflow_ = nullptr;  // newest first; Linux: ovflist
  bool is_scanning_ = false;       // Linux: ovflist != EP_UNACTIVE_PTR
  std::uint64_t generation_ = 0;   // the loop check that saw it last; Linux: gen
  int loop_check_depth_ = 0;
  std::uint32_t awaited_by_ = 0;  // tasks that wait for the mutex to take an item out; Linux: refcount
};

/// The spinlock with interrupts off, as callbacks take it in any context. Linux: spin_lock_irqsave(&ep->lock)
class Epoll::Locked {
 public:
  explicit Locked(Epoll& epoll) : epoll_(epoll), cpu_(epoll.cpu()), irqs_off_(cpu_) {
    epoll_.lock_.lock(cpu_);
  }
  ~Locked() { epoll_.lock_.unlock(cpu_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Epoll& epoll_;
  Cpu& cpu_;
  IrqSection irqs_off_;
};

/// A file goes: all instances forget it, the latest watcher first. Called before File::release().
/// Linux: fs/eventpoll.c eventpoll_release_file()
void release_watchers(File& file);

}  // namespace stackscope
