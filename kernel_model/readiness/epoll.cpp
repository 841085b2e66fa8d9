#include "kernel_model/readiness/epoll.hpp"

#include <cassert>
#include <fcntl.h>

#include "kernel_model/vocabulary/records.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

Epoll::Epoll(FileId id, EpollShared& shared)
    : File(id, FileKind::kEpoll, O_RDWR),
      shared_(shared),
      id_(shared.epoll_ids_.next()),
      mutex_(id_),
      sleepers_(shared.scheduler),
      pollers_(shared.scheduler),
      tree_(id_, shared.scheduler.trace()) {
  trace().emit(EpollCreated{id_, id, sleepers_.id()});
}

// An instance that was never released still has items, when a run ends: they go without a word.
Epoll::~Epoll() { free_below(tree_.root()); }

void Epoll::free_below(const InterestNode* node) {
  if (node == nullptr) return;
  free_below(node->child[InterestNode::kLeft]);
  free_below(node->child[InterestNode::kRight]);
  delete static_cast<const EpollItem::Node*>(node)->owner;
}

void Epoll::list_ready(EpollItem& item, bool at_head) {
  assert(!item.is_listed());
  at_head != MUTANT("ready list is a stack") ? ready_.push_front(item) : ready_.push_back(item);
  trace().emit(EpollListed{id_, item.id(), EpollList::kReady, at_head});
  check_lists_in_debug();
}

void Epoll::unlist(EpollItem& item, EpollList from) {
  assert(item.is_listed());
  (from == EpollList::kScan ? scan_ : ready_).remove(item);
  trace().emit(EpollUnlisted{id_, item.id(), from});
  check_lists_in_debug();
}

void Epoll::overflow(EpollItem& item) {
  item.is_overflowed = true;
  item.next_overflowed = overflow_;
  overflow_ = &item;
  trace().emit(EpollListed{id_, item.id(), EpollList::kOverflow, true});
  check_lists_in_debug();
}

// Waiting for the mutex, this task keeps the instance alive; Linux counts references for that.
void release_watchers(File& file) {
  while (!file.watchers().empty()) {
    Epoll& epoll = file.watchers().back()->epoll;
    Scheduler& scheduler = epoll.shared_.scheduler;
    ++epoll.awaited_by_;
    epoll.mutex_.lock(scheduler);
    // Somebody else may have removed the item meanwhile.
    if (!file.watchers().empty() && &file.watchers().back()->epoll == &epoll) {
      scheduler.cpu().charge(epoll.costs().release_item);
      epoll.remove(*file.watchers().back());
    }
    --epoll.awaited_by_;
    epoll.mutex_.unlock(scheduler);
  }
}

void Epoll::release() {
  Scheduler& scheduler = shared_.scheduler;
  if (pollers_.is_active()) wake_pollers();
  mutex_.lock(scheduler);
  // First nobody may call back any more, then the items can go.
  for (InterestNode* node = tree_.first(); node != nullptr; node = InterestTree::next(*node)) {
    unhook(*static_cast<EpollItem::Node*>(node)->owner);
    scheduler.cond_resched();
  }
  while (InterestNode* node = tree_.first()) {
    cpu().charge(costs().release_item);
    remove(*static_cast<EpollItem::Node*>(node)->owner);
    scheduler.cond_resched();
  }
  mutex_.unlock(scheduler);
  while (awaited_by_ > 0) {  // the mutex is handed over in order: behind them nobody comes
    mutex_.lock(scheduler);
    mutex_.unlock(scheduler);
  }
  trace().emit(EpollDestroyed{id_});
}

// --- invariants ------------------------------------------------------------------------------------------------------

namespace {

void check_list(const EpollItemList& list) {
  const EpollItem* previous = nullptr;
  for (const EpollItem* item = list.front(); item != nullptr; item = item->next) {
    assert(item->is_linked && item->previous == previous);
    previous = item;
  }
}

}  // namespace

// The tree checks itself where it changes.
void Epoll::check_invariants() const { check_lists(); }

void Epoll::check_lists() const {
  check_list(ready_);
  check_list(scan_);
  assert(is_scanning_ || (scan_.empty() && overflow_ == nullptr));
  for (const EpollItem* item = overflow_; item != nullptr; item = item->next_overflowed)
    assert(item->is_overflowed);
}

}  // namespace stackscope
