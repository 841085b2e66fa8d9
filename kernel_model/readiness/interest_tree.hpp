#pragma once
// The red-black tree of an epoll instance: which files it watches.
//
// The shape after any sequence of insertions and erasures is the kernel's own, colours included, because the steps are
// the kernel's: insertion recolours upwards while the uncle is red and ends with at most two rotations; erasure puts the
// in-order successor in the place of an item with two children, and repairs a missing black with at most three.
//
// Linux:     lib/rbtree.c __rb_insert(), ____rb_erase_color(); include/linux/rbtree_augmented.h __rb_erase_augmented();
//            fs/eventpoll.c ep_rbtree_insert(), ep_find(), ep_cmp_ffd()
// Invariant: the root is black; a red item has no red child; every way down has equally many black items. A view that
//            replays the emitted records (linked, rotated, coloured, spliced) has exactly this tree.
// Differs:   items are ordered by the file's ordinal, then by descriptor; Linux orders by the file's address, then by
//            descriptor, so its shape for the same descriptors changes from run to run. Who could notice: nobody but
//            a reader of kernel memory.

#include <cstdint>

#include "kernel_model/vocabulary/ids.hpp"

namespace stackscope {

class Trace;

/// What an item is found by. Linux: struct epoll_filefd
struct InterestKey {
  FileId file;
  std::int32_t fd = 0;
  constexpr auto operator<=>(const InterestKey&) const = default;
};

/// A watched file's place in the tree; lives inside its item. Linux: struct rb_node
struct InterestNode {
  enum Side : std::uint8_t { kLeft, kRight };

  InterestNode(ItemId its_item, InterestKey its_key) : item(its_item), key(its_key) {}
  InterestNode(const InterestNode&) = delete;
  InterestNode& operator=(const InterestNode&) = delete;

  ItemId item;
  InterestKey key;

  // the tree's own
  InterestNode* parent = nullptr;
  InterestNode* child[2] = {nullptr, nullptr};
  bool is_black = false;
};

class InterestTree {
 public:
  InterestTree(EpollId epoll, Trace& trace) : epoll_(epoll), trace_(trace) {}
  InterestTree(const InterestTree&) = delete;
  InterestTree& operator=(const InterestTree&) = delete;

  /// The node with that key, or null; `steps` counts the levels walked. Linux: ep_find()
  InterestNode* find(InterestKey key, std::uint32_t& steps) const;

  /// Returns the levels walked down. REQUIRES: no node has its key. Linux: ep_rbtree_insert()
  std::uint32_t insert(InterestNode& node);

  /// REQUIRES: `node` is in this tree. Linux: rb_erase()
  void erase(InterestNode& node);

  bool empty() const { return root_ == nullptr; }
  const InterestNode* root() const { return root_; }
  /// In order of keys; null at the end. Linux: rb_first_cached(), rb_next()
  InterestNode* first() const;
  static InterestNode* next(InterestNode& node);

  /// Which rule is broken along the way from `touched`, a node of this tree, up to the root; null: none. At each node
  /// the order, the links and colours of its children, and their black items down their left edges: O(log² n), so a
  /// change far from the way remains unseen.
  const char* broken_rule(const InterestNode* touched) const;
  /// Asserts that none is. Builds that ask for it come by after each insertion and erasure.
  void check_invariants(const InterestNode* touched) const;

 private:
  using Node = InterestNode;
  using Side = InterestNode::Side;

  void link(Node& node, Node* parent, Side side);
  void repair_red(Node* node);
  void repair_missing_black(Node* parent, Node* node);
  void splice(Node& node, Node* successor);
  void replace_in_parent(Node& old, Node* with);
  void rotate(Node& down, Side to);
  void colour(Node& node, bool black);

  EpollId epoll_;
  Trace& trace_;
  Node* root_ = nullptr;
};

}  // namespace stackscope
