#pragma once
// Epoll instances and their items: the red-black tree and the three lists, replayed operation by operation.
//
// Items lie in their host's map, not in their instance, so that copies of 50,000 of them share pages; tree and lists are
// links in them.

#include <array>
#include <cstdint>

#include "analysis/linked_list.hpp"
#include "kernel_model/vocabulary/file_records.hpp"

namespace stackscope {

/// A watched file. Linux: struct epitem.
struct ItemView {
  ItemId id;
  EpollId epoll;
  FileId file;
  std::int32_t fd = 0;
  std::uint32_t events = 0;
  std::uint64_t data = 0;

  ItemId parent, left, right;
  bool is_black = false;
  bool is_in_tree = false;

  ListLink<ItemId> ready_link;     // on the ready or the scan list; Linux: rdllink
  ListLink<ItemId> overflow_link;  // Linux: next
  bool is_listed = false;          // ready or scan
  bool is_overflowed = false;
  bool is_removed = false;  // not watched any more, but still in the tree or on a list
  std::uint32_t listed_in_round = 0;

  std::uint64_t reports = 0;
  std::uint32_t last_reported = 0;  // the events that were copied to the program last

  void describe(auto&& field) const {
    field("id", id), field("epoll", epoll), field("file", file), field("fd", fd), field("events", events);
    field("data", data), field("parent", parent), field("left", left), field("right", right);
    field("is_black", is_black), field("is_in_tree", is_in_tree), field("ready_link", ready_link);
    field("overflow_link", overflow_link), field("is_listed", is_listed),
        field("is_overflowed", is_overflowed);
    field("is_removed", is_removed), field("listed_in_round", listed_in_round), field("reports", reports);
    field("last_reported", last_reported);
  }
};

/// Linux: struct eventpoll.
///
/// Invariant: each item in the tree is reached from the root once, and each listed one in exactly one list (and perhaps
///            in the overflow list besides), whatever the records say: those that would break it are problems.
struct EpollView {
  EpollId id;
  FileId file;
  WaitQueueId wait_queue;
  ItemId root;
  std::uint32_t items = 0;
  std::array<ListView<ItemId>, 3> lists;  // by EpollList
  bool is_scanning = false;
  std::uint32_t round = 0;  // how many scans began
  std::uint64_t reports = 0;

  const ListView<ItemId>& list(EpollList which) const { return lists[static_cast<std::size_t>(which)]; }
  const ListView<ItemId>& ready() const { return list(EpollList::kReady); }
  /// On which of ready and scan a listed item is: what was there when the scan began is the scan's.
  EpollList list_of(const ItemView& item) const {
    return is_scanning && item.listed_in_round != round ? EpollList::kScan : EpollList::kReady;
  }
  void describe(auto&& field) const {
    field("id", id), field("file", file), field("wait_queue", wait_queue), field("root", root);
    field("items", items), field("lists", lists), field("is_scanning", is_scanning), field("round", round);
    field("reports", reports);
  }
};

}  // namespace stackscope
