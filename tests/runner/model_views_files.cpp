// Files, wait queues and epoll instances of the model, in the shape of their views.

#include "kernel_model/files/eventfd.hpp"
#include "kernel_model/files/pipe_end.hpp"
#include "kernel_model/files/tcp_socket_file.hpp"
#include "kernel_model/files/timerfd.hpp"
#include "tests/runner/model_views.hpp"

namespace stackscope {
namespace {

const EpollItem& item_at(const InterestNode& node) {
  return *static_cast<const EpollItem::Node&>(node).owner;
}
ItemId id_of(const InterestNode* node) { return node == nullptr ? ItemId{} : node->item; }
ItemId id_of(const EpollItem* item) { return item == nullptr ? ItemId{} : item->id(); }

void for_each_in_tree(const Epoll& epoll, auto visit) {
  for (InterestNode* node = epoll.tree().first(); node != nullptr; node = InterestTree::next(*node))
    visit(item_at(*node));
}

/// Those that are on a list, and were taken out of the tree already.
const EpollItem* find_listed(const Epoll& epoll, ItemId id) {
  for (const EpollItemList* list : {&epoll.ready_list(), &epoll.scan_list()}) {
    for (const EpollItem* item = list->front(); item != nullptr; item = item->next) {
      if (item->id() == id) return item;
    }
  }
  return nullptr;
}

bool is_on(const EpollItemList& list, const EpollItem& wanted) {
  for (const EpollItem* item = list.front(); item != nullptr; item = item->next) {
    if (item == &wanted) return true;
  }
  return false;
}

ListView<ItemId> shown(const EpollItem* first, EpollItem* EpollItem::* next) {
  ListView<ItemId> list{id_of(first), {}, 0};
  for (const EpollItem* item = first; item != nullptr; item = item->*next)
    list.last = item->id(), ++list.size;
  return list;
}

void show_tree(const InterestNode& node, ItemView& view) {
  view.parent = id_of(node.parent);
  view.left = id_of(node.child[InterestNode::kLeft]);
  view.right = id_of(node.child[InterestNode::kRight]);
  view.is_black = node.is_black;
}

void show_lists(const Epoll& epoll, const EpollItem& item, ItemView& view) {
  view.is_listed = item.is_linked;
  view.ready_link = {id_of(item.previous), id_of(item.next)};
  view.is_overflowed = item.is_overflowed;
  view.overflow_link = {{}, id_of(item.next_overflowed)};
  for (const EpollItem* other = epoll.overflow_list(); other != nullptr; other = other->next_overflowed) {
    if (other->next_overflowed == &item) view.overflow_link.previous = other->id();
  }
}

}  // namespace

// --- files -----------------------------------------------------------------------------------------------------------

bool ModelHost::show(FileId id, FileView& view) const {
  File* const file = host_ == nullptr ? nullptr : host_->files().find(id);
  if (file == nullptr) return false;
  view.id = id;
  view.kind = file->kind();
  view.object = 0;
  if (auto* socket = dynamic_cast<TcpSocketFile*>(file)) view.object = socket->tcp().id().value;
  if (const auto* epoll = dynamic_cast<const Epoll*>(file)) view.object = epoll->epoll_id().value;
  if (const auto* eventfd = dynamic_cast<const Eventfd*>(file)) view.eventfd_count = eventfd->count();
  if (const auto* timerfd = dynamic_cast<const Timerfd*>(file)) {
    view.timerfd_ticks = timerfd->ticks();
    view.timerfd_armed_until = timerfd->armed_until();
  }
  if (const auto* end = dynamic_cast<const PipeEnd*>(file)) {
    view.object = end->pipe().reading_end().value;
    view.pipe_bytes = end->pipe().bytes(), view.pipe_slots = end->pipe().slots();
    view.pipe_max_usage = end->pipe().max_usage();
  }
  view.descriptors = 0;
  for (const auto& process : host_->processes())
    process->fds.for_each([&](int, const File& other) { view.descriptors += &other == file; });
  return true;
}

std::vector<FileId> ModelHost::files() const {
  std::vector<FileId> ids;
  if (host_ == nullptr) return ids;
  host_->files().for_each([&](const File& file, bool is_open) {
    if (is_open) ids.push_back(file.id());
  });
  return ids;
}

const TcpSocketFile* ModelHost::user_of(const TcpSocket& socket) const {
  const TcpSocketFile* user = nullptr;
  if (host_ == nullptr || socket.user() == nullptr) return user;
  host_->files().for_each([&](const File& file, bool) {
    const auto* candidate = dynamic_cast<const TcpSocketFile*>(&file);
    if (candidate != nullptr && candidate->is_user_of(socket)) user = candidate;
  });
  return user;
}

// --- wait queues -----------------------------------------------------------------------------------------------------

std::vector<ModelQueue> ModelHost::queues() const {
  std::vector<ModelQueue> all;
  if (host_ == nullptr) return all;
  host_->files().for_each([&](File& file, bool is_open) {
    if (auto* socket = dynamic_cast<TcpSocketFile*>(&file)) {
      all.push_back({&socket->wait_queue(), is_open ? socket->tcp().id() : SocketId{}, {}});
      if (socket->owner_queue() != nullptr) all.push_back({socket->owner_queue(), {}, {}});
    } else if (const auto* epoll = dynamic_cast<const Epoll*>(&file)) {
      all.push_back({&epoll->sleepers(), {}, epoll->epoll_id()});
      all.push_back({&epoll->pollers(), {}, {}});
    } else if (const auto* eventfd = dynamic_cast<const Eventfd*>(&file)) {
      all.push_back({&eventfd->wait_queue(), {}, {}});
    } else if (const auto* timerfd = dynamic_cast<const Timerfd*>(&file)) {
      all.push_back({&timerfd->wait_queue(), {}, {}});
    } else if (const auto* end = dynamic_cast<const PipeEnd*>(&file)) {
      all.push_back({end->is_reading() ? &end->pipe().readers() : &end->pipe().writers(), {}, {}});
    }
  });
  return all;
}

ModelQueue ModelHost::queue(WaitQueueId id) const {
  for (const ModelQueue& each : queues()) {
    if (each.queue->id() == id) return each;
  }
  return {};
}

void ModelHost::show(const WaitEntry& entry, WaiterView& view) {
  view.id = entry.id;
  view.queue = entry.queue->id();
  view.task = entry.task == nullptr ? TaskId{} : entry.task->id();
  view.item = entry.item;
  view.exclusive = entry.exclusive;
  view.link.previous = entry.previous == nullptr ? WaiterId{} : entry.previous->id;
  view.link.next = entry.next == nullptr ? WaiterId{} : entry.next->id;
}

bool ModelHost::show(WaitQueueId id, WaitQueueView& view) const {
  const ModelQueue found = queue(id);
  if (found.queue == nullptr) return false;
  view.id = id;
  if (found.socket) view.socket = found.socket;
  if (found.epoll) view.epoll = found.epoll;
  view.waiters = {};
  for_each_waiter(id, [&](const WaitEntry& entry) {
    if (!view.waiters.first) view.waiters.first = entry.id;
    view.waiters.last = entry.id;
    ++view.waiters.size;
  });
  return true;
}

std::vector<WaitQueueId> ModelHost::wait_queues() const {
  std::vector<WaitQueueId> ids;
  for (const ModelQueue& each : queues()) ids.push_back(each.queue->id());
  return ids;
}

// --- epoll -----------------------------------------------------------------------------------------------------------

std::vector<const Epoll*> ModelHost::instances() const {
  std::vector<const Epoll*> all;
  if (host_ == nullptr) return all;
  host_->files().for_each([&](const File& file, bool) {
    if (const auto* epoll = dynamic_cast<const Epoll*>(&file)) all.push_back(epoll);
  });
  return all;
}

bool ModelHost::show(EpollId id, EpollView& view) const {
  for (const Epoll* epoll : instances()) {
    if (epoll->epoll_id() != id) continue;
    view.id = id;
    view.file = epoll->id();
    view.wait_queue = epoll->sleepers().id();
    view.root = id_of(epoll->tree().root());
    view.items = 0;
    for_each_in_tree(*epoll, [&](const EpollItem&) { ++view.items; });
    view.is_scanning = epoll->is_scanning();
    view.lists = {shown(epoll->ready_list().front(), &EpollItem::next),
                  shown(epoll->scan_list().front(), &EpollItem::next),
                  shown(epoll->overflow_list(), &EpollItem::next_overflowed)};
    return true;
  }
  return false;
}

bool ModelHost::show(EpollId id, MutexView& view) const {
  if (host_ == nullptr) return false;
  const Mutex* mutex = id ? nullptr : &host_->epolls().nested_mutex();
  for (const Epoll* epoll : instances()) mutex = epoll->epoll_id() == id ? &epoll->mutex() : mutex;
  view.waiting.clear();
  if (mutex == nullptr) return false;
  for (const Task* task : mutex->waiting()) view.waiting.push_back(task->id());
  return !view.waiting.empty();
}

bool ModelHost::show(ItemId id, ItemView& view, const EpollView* told) const {
  for (const Epoll* epoll : instances()) {
    const EpollItem* item = nullptr;
    for_each_in_tree(*epoll, [&](const EpollItem& each) { item = each.id() == id ? &each : item; });
    const bool is_in_tree = item != nullptr;
    if (item == nullptr) item = find_listed(*epoll, id);
    if (item == nullptr) continue;
    view.id = id, view.epoll = epoll->epoll_id(), view.file = item->file.id(), view.fd = item->fd();
    view.events = item->events, view.data = item->data;
    view.is_in_tree = is_in_tree, view.is_removed = !is_in_tree;
    if (is_in_tree) show_tree(item->node, view);
    show_lists(*epoll, *item, view);
    const bool says_scan = told != nullptr && told->list_of(view) == EpollList::kScan;
    if (item->is_linked && told != nullptr && says_scan != is_on(epoll->scan_list(), *item))
      view.listed_in_round = told->round - (says_scan ? 0 : 1);
    return true;
  }
  return false;
}

std::vector<EpollId> ModelHost::epolls() const {
  std::vector<EpollId> ids;
  for (const Epoll* epoll : instances()) ids.push_back(epoll->epoll_id());
  return ids;
}

std::vector<ItemId> ModelHost::items() const {
  std::vector<ItemId> ids;
  for (const Epoll* epoll : instances()) {
    for_each_in_tree(*epoll, [&](const EpollItem& item) { ids.push_back(item.id()); });
    for (const EpollItemList* list : {&epoll->ready_list(), &epoll->scan_list()}) {
      for (const EpollItem* item = list->front(); item != nullptr; item = item->next)
        ids.push_back(item->id());
    }
  }
  return ids;
}

}  // namespace stackscope
