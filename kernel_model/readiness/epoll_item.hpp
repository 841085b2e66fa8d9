#pragma once
// One file that an epoll instance watches, and the lists that it can be on.
//
// Linux: fs/eventpoll.c struct epitem, struct eppoll_entry

#include <cstdint>
#include <forward_list>

#include "kernel_model/files/file.hpp"
#include "kernel_model/readiness/interest_tree.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"

namespace stackscope {

class Epoll;

/// Invariant: on at most one of ready list and scan list (`list` says on which), and beside that at most once on the
///            overflow list.
class EpollItem {
 public:
  EpollItem(ItemId id, Epoll& owner, File& watched, std::int32_t number, Events wanted,
            std::uint64_t its_data)
      : epoll(owner), file(watched), events(wanted), data(its_data), node(id, {watched.id(), number}) {
    node.owner = this;
  }
  EpollItem(const EpollItem&) = delete;
  EpollItem& operator=(const EpollItem&) = delete;

  ItemId id() const { return node.item; }
  std::int32_t fd() const { return node.key.fd; }
  bool is_listed() const { return is_linked; }

  Epoll& epoll;
  File& file;
  Events events;
  bool is_linked = false;      // on the ready list or the scan list; Linux: rdllink
  bool is_overflowed = false;  // Linux: next != EP_UNACTIVE_PTR
  std::uint64_t data;

  /// A callback in each wait queue of the file: one for most. Linux: pwqlist
  std::forward_list<WaitEntry> hooks;

  // its instance's own
  struct Node : InterestNode {
    using InterestNode::InterestNode;
    EpollItem* owner = nullptr;
  } node;
  EpollItem* previous = nullptr;
  EpollItem* next = nullptr;
  EpollItem* next_overflowed = nullptr;
};

/// A list of items, intrusive: an item is on one at a time.
class EpollItemList {
 public:
  bool empty() const { return head_ == nullptr; }
  EpollItem* front() const { return head_; }

  void push_back(EpollItem& item) { link(item, tail_, nullptr); }
  void push_front(EpollItem& item) { link(item, nullptr, head_); }
  void remove(EpollItem& item) {
    (item.previous != nullptr ? item.previous->next : head_) = item.next;
    (item.next != nullptr ? item.next->previous : tail_) = item.previous;
    item.previous = item.next = nullptr;
    item.is_linked = false;
  }
  /// Puts all of `other` before the first of this. Linux: list_splice()
  void splice_front(EpollItemList& other) {
    if (other.empty()) return;
    other.tail_->next = head_;
    (head_ != nullptr ? head_->previous : tail_) = other.tail_;
    head_ = other.head_;
    other.head_ = other.tail_ = nullptr;
  }

 private:
  void link(EpollItem& item, EpollItem* before, EpollItem* after) {
    item.previous = before;
    item.next = after;
    (before != nullptr ? before->next : head_) = &item;
    (after != nullptr ? after->previous : tail_) = &item;
    item.is_linked = true;
  }

  EpollItem* head_ = nullptr;
  EpollItem* tail_ = nullptr;
};

}  // namespace stackscope
