#pragma once
// A red-black tree of the textbook's kind, which tells what it does to itself as an epoll instance does.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>

#include "kernel_model/vocabulary/file_records.hpp"

namespace stackscope::testing {

/// `tell` is called with every record, in the order of the changes.
template <class Tell>
class RedBlackTree {
 public:
  struct Node {
    ItemId parent, left, right;
    bool is_black = false;
    std::uint64_t key = 0;
  };

  RedBlackTree(EpollId epoll, Tell tell) : epoll_(epoll), tell_(tell) {}

  const std::map<std::uint32_t, Node>& nodes() const { return nodes_; }
  ItemId root() const { return root_; }

  void insert(ItemId item, std::uint64_t key) {
    ItemId parent;
    bool is_left = false;
    for (ItemId i = root_; i; i = is_left ? at(i).left : at(i).right) parent = i, is_left = key < at(i).key;
    at(item) = {parent, {}, {}, false, key};
    child_slot(parent, is_left) = item;
    tell_(TreeLinked{epoll_, item, parent, is_left});
    fix_insertion(item);
  }

  void erase(ItemId item) {
    const Node node = at(item);
    ItemId moved_up, parent = node.parent;  // what took the place of what was cut out, and what is above it
    bool lost_black = node.is_black;
    if (node.left && node.right) {
      ItemId next = node.right;
      while (at(next).left) next = at(next).left;
      lost_black = at(next).is_black;
      moved_up = at(next).right;
      parent = at(next).parent == item ? next : at(next).parent;
      if (parent != next) {
        replace(next, moved_up, at(next).parent);
        at(next).right = node.right, at(node.right).parent = next;
      }
      at(next).left = node.left, at(node.left).parent = next;
      replace(item, next, node.parent);
      tell_(TreeSpliced{epoll_, item, next});
      colour(next, node.is_black);
    } else {
      moved_up = node.left ? node.left : node.right;
      replace(item, moved_up, node.parent);
      tell_(TreeSpliced{epoll_, item, moved_up});
    }
    nodes_.erase(item.value);
    if (lost_black) fix_erasure(moved_up, parent);
  }

 private:
  Node& at(ItemId item) { return nodes_[item.value]; }
  ItemId& child_slot(ItemId parent, bool left) {
    return !parent ? root_ : left ? at(parent).left : at(parent).right;
  }
  bool is_left(ItemId item, ItemId parent) { return at(parent).left == item; }
  bool is_black(ItemId item) { return !item || at(item).is_black; }

  void replace(ItemId old, ItemId by, ItemId parent) {
    child_slot(parent, parent && is_left(old, parent)) = by;
    if (by) at(by).parent = parent;
  }
  void colour(ItemId item, bool black) {
    if (at(item).is_black == black) return;
    at(item).is_black = black;
    tell_(TreeColoured{epoll_, item, black});
  }
  void rotate(ItemId item, bool to_left) {
    const ItemId up = to_left ? at(item).right : at(item).left;
    const ItemId inner = to_left ? at(up).left : at(up).right;
    replace(item, up, at(item).parent);
    (to_left ? at(up).left : at(up).right) = item;
    (to_left ? at(item).right : at(item).left) = inner;
    at(item).parent = up;
    if (inner) at(inner).parent = item;
    tell_(TreeRotated{epoll_, item, to_left});
  }

  void fix_insertion(ItemId item) {
    while (!is_black(at(item).parent)) {
      const ItemId parent = at(item).parent, grandparent = at(parent).parent;
      const bool left = is_left(parent, grandparent);
      const ItemId uncle = left ? at(grandparent).right : at(grandparent).left;
      if (!is_black(uncle)) {
        colour(parent, true), colour(uncle, true), colour(grandparent, false);
        item = grandparent;
        continue;
      }
      if (is_left(item, parent) != left) {
        rotate(parent, left);
        item = parent;
      }
      colour(at(item).parent, true), colour(grandparent, false);
      rotate(grandparent, !left);
    }
    colour(root_, true);
  }

  void fix_erasure(ItemId item, ItemId parent) {
    while (item != root_ && is_black(item)) {
      const bool left = is_left(item, parent);
      const auto sibling = [&] { return left ? at(parent).right : at(parent).left; };
      if (!is_black(sibling())) {
        colour(sibling(), true), colour(parent, false);
        rotate(parent, left);
      }
      const ItemId near = left ? at(sibling()).left : at(sibling()).right;
      const ItemId far = left ? at(sibling()).right : at(sibling()).left;
      if (is_black(near) && is_black(far)) {
        colour(sibling(), false);
        item = parent, parent = at(item).parent;
        continue;
      }
      if (is_black(far)) {
        const ItemId was = sibling();
        colour(near, true), colour(was, false);
        rotate(was, !left);
      }
      colour(sibling(), at(parent).is_black), colour(parent, true);
      colour(left ? at(sibling()).right : at(sibling()).left, true);
      rotate(parent, left);
      item = root_;
    }
    if (item) colour(item, true);
  }

  EpollId epoll_;
  Tell tell_;
  ItemId root_;
  std::map<std::uint32_t, Node> nodes_;
};

}  // namespace stackscope::testing
