// epoll_ctl(2): adding, changing and removing what an instance watches.

#include <cassert>
#include <optional>

#include "kernel_model/readiness/epoll.hpp"
#include "kernel_model/readiness/epoll_nesting.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

/// Hangs an item's callback into each wait queue that its file names. Linux: ep_ptable_queue_proc()
class Epoll::HookTable final : public PollTable {
 public:
  explicit HookTable(EpollItem& item) : item_(item) {}

  void wait_on(File&, WaitQueue& queue) override {
    const bool exclusive = (item_.events & EPOLLEXCLUSIVE) != 0;
    WaitEntry& hook = item_.hooks.emplace_front();
    hook.callback = &Epoll::on_file_reports;
    hook.owner = &item_;
    hook.item = item_.id();
    hook.exclusive = exclusive && !MUTANT("exclusive items wake all");
    queue.add(hook, exclusive ? WaitPlace::kTail : WaitPlace::kHead);
  }

 private:
  EpollItem& item_;
};

namespace {

/// Linux: EPOLLEXCLUSIVE_OK_BITS
constexpr Events kExclusiveOkBits =
    EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

bool is_epoll(const File& file) { return file.kind() == FileKind::kEpoll; }

/// Whether EPOLLEXCLUSIVE is asked for where it may not be.
bool misuses_exclusive(int operation, const File& file, Events events) {
  if (operation == EPOLL_CTL_DEL || !(events & EPOLLEXCLUSIVE)) return false;
  if (operation == EPOLL_CTL_MOD) return true;
  return operation == EPOLL_CTL_ADD && (is_epoll(file) || (events & ~kExclusiveOkBits) != 0);
}

}  // namespace

int Epoll::ctl(int operation, File& file, int fd, const epoll_event* event) {
  cpu().charge(costs().ctl);
  epoll_event wanted{};
  if (event != nullptr) wanted = *event;
  if (!file.can_poll()) return -EPERM;
  wanted.events &= ~Events{EPOLLWAKEUP};
  if (&file == this) return -EINVAL;
  if (misuses_exclusive(operation, file, wanted.events)) return -EINVAL;
  // An instance that is watched itself, or watches another, could close a circle.
  const auto must_check = [&] {
    return !watchers().empty() || generation_ == shared_.loop_check_gen_ || is_epoll(file);
  };
  mutex_.lock(shared_.scheduler);
  if (operation == EPOLL_CTL_ADD && must_check()) {
    mutex_.unlock(shared_.scheduler);
    return ctl_nested(operation, file, fd, wanted);
  }
  const int result = ctl_locked(operation, file, fd, wanted, nullptr);
  mutex_.unlock(shared_.scheduler);
  return result;
}

int Epoll::ctl_nested(int operation, File& file, int fd, const epoll_event& event) {
  EpollNesting nesting{shared_};
  if (is_epoll(file) && !nesting.allows(*this, static_cast<Epoll&>(file))) return -ELOOP;
  mutex_.lock(shared_.scheduler);
  const int result = ctl_locked(operation, file, fd, event, &nesting);
  mutex_.unlock(shared_.scheduler);
  return result;
}

int Epoll::ctl_locked(int operation, File& file, int fd, const epoll_event& event, EpollNesting* nesting) {
  EpollItem* const item = find(file, fd);
  epoll_event wanted = event;
  if (!MUTANT("hang-up must be asked for")) wanted.events |= EPOLLERR | EPOLLHUP;
  switch (operation) {
    case EPOLL_CTL_ADD:
      return item != nullptr ? -EEXIST : insert(wanted, file, fd, nesting);
    case EPOLL_CTL_DEL:
      if (item == nullptr) return -ENOENT;
      cpu().charge(costs().ctl_delete);
      remove(*item);
      return 0;
    case EPOLL_CTL_MOD:
      if (item == nullptr) return -ENOENT;
      if ((item->events & EPOLLEXCLUSIVE) && !MUTANT("exclusive item may change")) return -EINVAL;
      modify(*item, wanted);
      return 0;
    default:
      return -EINVAL;
  }
}

EpollItem* Epoll::find(const File& file, int fd) {
  std::uint32_t steps = 0;
  const int number = MUTANT("items are files, not descriptors") && tree_.first() != nullptr &&
                             static_cast<EpollItem::Node*>(tree_.first())->owner->file.id() == file.id()
                         ? static_cast<EpollItem::Node*>(tree_.first())->owner->fd()
                         : fd;
  auto* const node = static_cast<EpollItem::Node*>(tree_.find({file.id(), number}, steps));
  for (; steps > 0; --steps) cpu().charge(costs().tree_step);
  return node != nullptr ? node->owner : nullptr;
}

int Epoll::insert(const epoll_event& event, File& file, int fd, EpollNesting* nesting) {
  cpu().charge(costs().ctl_add);
  auto* const item = new EpollItem{
      shared_.item_ids_.next(), *this, file, fd, event.events, event.data.u64};  // remove() deletes
  Epoll* const inner = is_epoll(file) ? static_cast<Epoll*>(&file) : nullptr;
  if (inner != nullptr) inner->mutex_.lock(shared_.scheduler);
  if (nesting != nullptr && inner == nullptr) nesting->note(file);
  link_item(*item);
  if (inner != nullptr) inner->mutex_.unlock(shared_.scheduler);
  if (nesting != nullptr && nesting->has_too_many_paths()) {
    remove(*item);
    return -EINVAL;
  }
  HookTable hooks{*item};
  const Events ready = ask(*item, &hooks);
  if (!MUTANT("add does not look")) enlist_if_ready(*item, ready);
  return 0;
}

void Epoll::link_item(EpollItem& item) {
  trace().emit(EpollItemAdded{id_, item.id(), item.file.id(), item.fd(), item.events, item.data});
  item.file.watchers().push_back(&item);
  const std::uint32_t steps = tree_.insert(item.node);
  check_in_debug(*this);
  for (std::uint32_t i = 0; i < steps; ++i) cpu().charge(costs().tree_step);
}

void Epoll::modify(EpollItem& item, const epoll_event& event) {
  cpu().charge(costs().ctl_modify);
  item.events = event.events;
  item.data = event.data.u64;
  trace().emit(EpollItemModified{id_, item.id(), item.events, item.data});
  // The callback is hooked already, so a change from here on is not missed.
  if (!MUTANT("modify does not look")) enlist_if_ready(item, ask(item, nullptr));
}

/// To the tail of the ready list, unless its callback was faster, and with a word to those who wait.
void Epoll::enlist_if_ready(EpollItem& item, Events ready) {
  if (ready == 0) return;
  bool pollers_wait = false;
  {
    Locked locked{*this};
    if (item.is_listed()) return;
    list_ready(item, false);
    if (sleepers_.is_active()) sleepers_.wake_up(0);
    pollers_wait = pollers_.is_active();
  }
  if (pollers_wait) wake_pollers();
}

void Epoll::unhook(EpollItem& item) {
  while (!item.hooks.empty()) {
    WaitEntry& hook = item.hooks.front();
    hook.queue->remove(hook);
    item.hooks.pop_front();
  }
}

/// Linux: __ep_remove()
void Epoll::remove(EpollItem& item) {
  assert(!is_scanning_ && !item.is_overflowed && "the mutex keeps scans away");
  unhook(item);
  std::erase(item.file.watchers(), &item);
  tree_.erase(item.node);
  trace().emit(EpollItemRemoved{id_, item.id()});
  {
    Locked locked{*this};
    if (item.is_listed()) unlist(item, EpollList::kReady);
  }
  check_in_debug(*this);
  delete &item;
}

}  // namespace stackscope
