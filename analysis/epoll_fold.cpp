// Epoll instances, their items and lists.

#include <vector>

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

ListView<ItemId>& list(EpollView& epoll, EpollList which) {
  return epoll.lists[static_cast<std::size_t>(which)];
}

ListEditor<PagedMap<ItemId, ItemView>, ItemView, ItemId> links(HostView& host, EpollList which) {
  return {host.items, which == EpollList::kOverflow ? &ItemView::overflow_link : &ItemView::ready_link};
}

bool is_list(EpollList which) { return static_cast<std::size_t>(which) < 3; }

/// Whether the records so far put the item on this list.
bool is_on(const EpollView& epoll, const ItemView& item, EpollList which) {
  if (which == EpollList::kOverflow) return item.is_overflowed;
  return item.is_listed && epoll.list_of(item) == which;
}

void unlist(HostView& host, EpollView& epoll, ItemView& item, EpollList which) {
  links(host, which).remove(list(epoll, which), item.id);
  (which == EpollList::kOverflow ? item.is_overflowed : item.is_listed) = false;
}

/// The item of this instance, to write to; null and a problem where it is another's or nobody's.
ItemView* item_of(Folding& at, EpollId epoll, ItemId id) {
  ItemView* const item = at.known(at.host().items, id);
  if (item == nullptr || item->epoll == epoll) return item;
  at.problem();
  return nullptr;
}

}  // namespace

void drop_if_unused(HostView& host, ItemId id) {
  const ItemView* const item = host.items.find(id);
  if (item == nullptr || !item->is_removed) return;
  if (!item->is_in_tree && !item->is_listed && !item->is_overflowed) host.items.erase(id);
}

void fold(Folding& at, const EpollCreated& record) {
  HostView& host = at.host();
  if (!record.epoll || host.epolls.contains(record.epoll)) return at.problem();
  EpollView& epoll = host.epolls[record.epoll];
  epoll.id = record.epoll, epoll.file = record.file, epoll.wait_queue = record.wait_queue;
  if (record.wait_queue) wait_queue_of(host, record.wait_queue).epoll = record.epoll;
}

// What is still in the tree or on a list goes with it; items that left both are gone already.
void fold(Folding& at, const EpollDestroyed& record) {
  HostView& host = at.host();
  const EpollView* const epoll = host.epolls.find(record.epoll);
  if (epoll == nullptr) return at.problem();
  std::vector<ItemId> gone;
  const auto remember = [&gone](ItemId id, const ItemView&) { gone.push_back(id); };
  host.for_each_in_tree(*epoll, remember);
  for (const EpollList which : {EpollList::kReady, EpollList::kScan, EpollList::kOverflow}) {
    host.for_each_listed(*epoll, which, remember);
  }
  for (const ItemId id : gone) host.items.erase(id);
  const WaitQueueId queue = epoll->wait_queue;
  host.epolls.erase(record.epoll);
  drop_wait_queue_if_unused(host, queue);
}

void fold(Folding& at, const EpollItemAdded& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  if (epoll == nullptr) return;
  if (!record.item || host.items.contains(record.item)) return at.problem();
  ItemView& item = host.items[record.item];
  item.id = record.item, item.epoll = record.epoll, item.file = record.file;
  item.fd = record.fd, item.events = record.events, item.data = record.data;
  ++epoll->items;
}

void fold(Folding& at, const EpollItemModified& record) {
  ItemView* const item = item_of(at, record.epoll, record.item);
  if (item == nullptr) return;
  item->events = record.events, item->data = record.data;
}

void fold(Folding& at, const EpollItemRemoved& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  ItemView* const item = epoll == nullptr ? nullptr : item_of(at, record.epoll, record.item);
  if (item == nullptr) return;
  if (item->is_removed || epoll->items == 0) return at.problem();
  item->is_removed = true;
  --epoll->items;
  drop_if_unused(host, record.item);
}

void fold(Folding& at, const EpollListed& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  ItemView* const item = epoll == nullptr ? nullptr : item_of(at, record.epoll, record.item);
  if (item == nullptr) return;
  const bool overflow = record.list == EpollList::kOverflow;
  const bool impossible = !is_list(record.list) || (overflow ? item->is_overflowed : item->is_listed) ||
                          (record.list == EpollList::kScan && !epoll->is_scanning);
  if (impossible) return at.problem();
  links(host, record.list).push(list(*epoll, record.list), record.item, record.at_head);
  (overflow ? item->is_overflowed : item->is_listed) = true;
  if (!overflow) item->listed_in_round = epoll->round - (record.list == EpollList::kScan ? 1 : 0);
}

void fold(Folding& at, const EpollUnlisted& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  ItemView* const item = epoll == nullptr ? nullptr : item_of(at, record.epoll, record.item);
  if (item == nullptr) return;
  if (!is_list(record.list) || !is_on(*epoll, *item, record.list)) return at.problem();
  unlist(host, *epoll, *item, record.list);
  drop_if_unused(host, record.item);
}

// The ready list becomes the scan in one step: items know by their round that they are in it.
void fold(Folding& at, const EpollScanBegan& record) {
  EpollView* const epoll = at.known(at.host().epolls, record.epoll);
  if (epoll == nullptr) return;
  if (epoll->is_scanning) return at.problem();
  list(*epoll, EpollList::kScan) = list(*epoll, EpollList::kReady);
  list(*epoll, EpollList::kReady) = {};
  epoll->is_scanning = true;
  ++epoll->round;
}

void fold(Folding& at, const EpollScanEnded& record) {
  EpollView* const epoll = at.known(at.host().epolls, record.epoll);
  if (epoll == nullptr) return;
  if (!epoll->is_scanning) return at.problem();
  links(at.host(), EpollList::kReady)
      .splice_to_head(list(*epoll, EpollList::kReady), list(*epoll, EpollList::kScan));
  epoll->is_scanning = false;
}

void fold(Folding& at, const EpollReported& record) {
  EpollView* const epoll = at.known(at.host().epolls, record.epoll);
  ItemView* const item = epoll == nullptr ? nullptr : item_of(at, record.epoll, record.item);
  if (item == nullptr) return;
  ++epoll->reports, ++item->reports;
  item->last_reported = record.events;
}

}  // namespace stackscope
