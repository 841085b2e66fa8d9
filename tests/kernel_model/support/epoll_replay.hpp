#pragma once
// What the records of epoll instances add up to, folded as their comments say, and held against the model.

#include <algorithm>
#include <deque>
#include <map>
#include <string>

#include "kernel_model/readiness/epoll.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/encoding.hpp"

namespace stackscope::test {

struct ReplayedTree {
  struct Node {
    ItemId parent, child[2];
    bool is_black = false;
  };
  std::map<ItemId, Node> nodes;
  ItemId root;

  void apply(const TreeLinked& r) {
    nodes[r.item] = {r.parent, {}, false};
    place_of(r.parent, r.is_left) = r.item;
  }
  void apply(const TreeColoured& r) { nodes.at(r.item).is_black = r.is_black; }
  void apply(const TreeRotated& r) {
    const int to = r.to_left ? 0 : 1;
    const ItemId up = nodes.at(r.item).child[1 - to];
    const ItemId moved = nodes.at(up).child[to];
    replace(r.item, up);
    nodes.at(up).child[to] = r.item;
    nodes.at(r.item).parent = up;
    nodes.at(r.item).child[1 - to] = moved;
    if (moved) nodes.at(moved).parent = r.item;
  }
  void apply(const TreeSpliced& r) {
    const bool has_both = nodes.at(r.item).child[0] && nodes.at(r.item).child[1];
    if (has_both) {
      replace(r.successor, nodes.at(r.successor).child[1]);
      for (const int side : {0, 1}) {
        const ItemId child = nodes.at(r.item).child[side];
        nodes.at(r.successor).child[side] = child;
        if (child) nodes.at(child).parent = r.successor;
      }
    }
    replace(r.item, r.successor);
    nodes.erase(r.item);
  }

  /// Shape and colours, as text: (left 3b right).
  std::string text(ItemId at) const {
    if (!at) return "";
    const Node& node = nodes.at(at);
    return "(" + text(node.child[0]) + std::to_string(at.value) + (node.is_black ? "b" : "r") +
           text(node.child[1]) + ")";
  }
  std::string text() const { return text(root); }

 private:
  ItemId& place_of(ItemId parent, bool left) { return parent ? nodes.at(parent).child[left ? 0 : 1] : root; }
  void replace(ItemId old, ItemId with) {
    const ItemId parent = nodes.at(old).parent;
    place_of(parent, parent && nodes.at(parent).child[0] == old) = with;
    if (with) nodes.at(with).parent = parent;
  }
};

inline std::string text(const InterestNode* node) {
  if (node == nullptr) return "";
  return "(" + text(node->child[0]) + std::to_string(node->item.value) + (node->is_black ? "b" : "r") +
         text(node->child[1]) + ")";
}

/// One instance as its records tell it.
struct ReplayedEpoll {
  ReplayedTree tree;
  std::map<EpollList, std::deque<ItemId>> lists;
};

class EpollReplay {
 public:
  void operator()(const RawRecord& record) {
    (void)(apply<TreeLinked>(record) || apply<TreeColoured>(record) || apply<TreeRotated>(record) ||
           apply<TreeSpliced>(record) || apply<EpollListed>(record) || apply<EpollUnlisted>(record) ||
           apply<EpollScanBegan>(record) || apply<EpollScanEnded>(record));
  }

  const ReplayedEpoll& of(EpollId id) { return epolls_[id]; }
  std::size_t most_overflowed() const { return most_overflowed_; }

  /// "" where the model's instance is as its records say.
  std::string difference(const Epoll& epoll) {
    ReplayedEpoll& replayed = epolls_[epoll.epoll_id()];
    std::deque<ItemId> overflowed;
    for (const EpollItem* item = epoll.overflow_list(); item != nullptr; item = item->next_overflowed) {
      overflowed.push_back(item->id());
    }
    if (replayed.tree.text() != text(epoll.tree().root())) return "tree";
    if (replayed.lists[EpollList::kReady] != ids(epoll.ready_list())) return "ready list";
    if (replayed.lists[EpollList::kScan] != ids(epoll.scan_list())) return "scan list";
    return replayed.lists[EpollList::kOverflow] != overflowed ? "overflow list" : "";
  }

 private:
  static std::deque<ItemId> ids(const EpollItemList& list) {
    std::deque<ItemId> ids;
    for (const EpollItem* item = list.front(); item != nullptr; item = item->next) ids.push_back(item->id());
    return ids;
  }

  template <class R>
  bool apply(const RawRecord& record) {
    if (record.header.kind != KindOf<R>::value) return false;
    const R decoded = decode_fields<R>(record.fields.data());
    fold(epolls_[decoded.epoll], decoded);
    return true;
  }
  template <class R>
  void fold(ReplayedEpoll& epoll, const R& record) {
    epoll.tree.apply(record);
  }
  void fold(ReplayedEpoll& epoll, const EpollListed& r) {
    auto& list = epoll.lists[r.list];
    r.at_head ? list.push_front(r.item) : list.push_back(r.item);
    most_overflowed_ = std::max(most_overflowed_, epoll.lists[EpollList::kOverflow].size());
  }
  void fold(ReplayedEpoll& epoll, const EpollUnlisted& r) { std::erase(epoll.lists[r.list], r.item); }
  void fold(ReplayedEpoll& epoll, const EpollScanBegan&) {
    epoll.lists[EpollList::kScan] = std::exchange(epoll.lists[EpollList::kReady], {});
  }
  void fold(ReplayedEpoll& epoll, const EpollScanEnded&) {
    auto& scan = epoll.lists[EpollList::kScan];
    auto& ready = epoll.lists[EpollList::kReady];
    ready.insert(ready.begin(), scan.begin(), scan.end());
    scan.clear();
  }

  std::map<EpollId, ReplayedEpoll> epolls_;
  std::size_t most_overflowed_ = 0;
};

}  // namespace stackscope::test
