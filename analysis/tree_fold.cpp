// The interest tree, replayed operation by operation. Whether it is balanced and in order is the kernel's business; here
// it stays one tree whatever the records say.

#include "analysis/folding.hpp"

namespace stackscope {
namespace {

/// The instance's tree, with its items at hand. Items in it always exist: they are dropped only when they have left it.
class Tree {
 public:
  Tree(HostView& host, EpollView& epoll) : host_(host), epoll_(epoll) {}

  ItemView& operator[](ItemId id) { return *host_.items.edit(id); }
  bool holds(ItemId id) const {
    const ItemView* const item = host_.items.find(id);
    return item != nullptr && item->epoll == epoll_.id && item->is_in_tree;
  }
  ItemId root() const { return epoll_.root; }

  /// `child` (or nothing) hangs where `old` hung, below `parent` (or nothing: as the root).
  void hang(ItemId child, ItemId old, ItemId parent) {
    if (!parent) {
      epoll_.root = child;
    } else {
      ItemView& above = (*this)[parent];
      (above.left == old ? above.left : above.right) = child;
    }
    if (child) (*this)[child].parent = parent;
  }
  void adopt(ItemId parent, ItemId child, bool is_left) {
    ItemView& above = (*this)[parent];
    (is_left ? above.left : above.right) = child;
    if (child) (*this)[child].parent = parent;
  }

 private:
  HostView& host_;
  EpollView& epoll_;
};

/// The next item in order, which has no left child, leaves its place to its right child and takes over `item`'s.
/// Linux: lib/rbtree.c __rb_erase_augmented(), cases 2 and 3
void replace_by_successor(Tree& tree, ItemView& item, ItemView& successor) {
  if (successor.parent != item.id) {
    tree.hang(successor.right, successor.id, successor.parent);
    tree.adopt(successor.id, item.right, false);
  }
  tree.adopt(successor.id, item.left, true);
  tree.hang(successor.id, item.id, item.parent);
}

}  // namespace

void fold(Folding& at, const TreeLinked& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  ItemView* const item = epoll == nullptr ? nullptr : at.known(host.items, record.item);
  if (item == nullptr) return;
  Tree tree(host, *epoll);
  if (item->epoll != record.epoll || item->is_in_tree) return at.problem();
  if (record.parent ? !tree.holds(record.parent) : static_cast<bool>(tree.root())) return at.problem();
  if (record.parent && (record.is_left ? tree[record.parent].left : tree[record.parent].right))
    return at.problem();
  item->is_in_tree = true, item->is_black = false, item->parent = {}, item->left = {}, item->right = {};
  if (record.parent) {
    tree.adopt(record.parent, record.item, record.is_left);
  } else {
    epoll->root = record.item;
  }
}

void fold(Folding& at, const TreeRotated& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  if (epoll == nullptr) return;
  Tree tree(host, *epoll);
  if (!tree.holds(record.item)) return at.problem();
  ItemView& down = tree[record.item];
  const ItemId up = record.to_left ? down.right : down.left;
  if (!up) return at.problem();
  const ItemId between = record.to_left ? tree[up].left : tree[up].right;
  tree.hang(up, record.item, down.parent);
  tree.adopt(record.item, between, !record.to_left);
  tree.adopt(up, record.item, record.to_left);
}

void fold(Folding& at, const TreeColoured& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  if (epoll == nullptr) return;
  Tree tree(host, *epoll);
  if (!tree.holds(record.item)) return at.problem();
  tree[record.item].is_black = record.is_black;
}

void fold(Folding& at, const TreeSpliced& record) {
  HostView& host = at.host();
  EpollView* const epoll = at.known(host.epolls, record.epoll);
  if (epoll == nullptr) return;
  Tree tree(host, *epoll);
  if (!tree.holds(record.item)) return at.problem();
  ItemView& item = tree[record.item];
  if (item.left && item.right) {
    if (record.successor != host.leftmost(item.right)) return at.problem();
    replace_by_successor(tree, item, tree[record.successor]);
  } else {
    const ItemId child = item.left ? item.left : item.right;
    if (record.successor != child) return at.problem();
    tree.hang(child, record.item, item.parent);
  }
  item.is_in_tree = false, item.is_black = false, item.parent = {}, item.left = {}, item.right = {};
  drop_if_unused(host, record.item);
}

}  // namespace stackscope
