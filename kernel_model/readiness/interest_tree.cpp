#include "kernel_model/readiness/interest_tree.hpp"

#include <algorithm>
#include <cassert>

#include "kernel_model/vocabulary/records.hpp"
#include "sim/check_in_debug.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

using Side = InterestNode::Side;
constexpr Side kLeft = InterestNode::kLeft, kRight = InterestNode::kRight;

constexpr Side other(Side side) { return side == kLeft ? kRight : kLeft; }
bool is_red(const InterestNode* node) { return node != nullptr && !node->is_black; }
Side side_of(const InterestNode& node) { return node.parent->child[kLeft] == &node ? kLeft : kRight; }

InterestNode* outermost(InterestNode* node, Side side) {
  while (node != nullptr && node->child[side] != nullptr) node = node->child[side];
  return node;
}

}  // namespace

// --- walking ---------------------------------------------------------------------------------------------------------

InterestNode* InterestTree::find(InterestKey key, std::uint32_t& steps) const {
  steps = 0;
  Node* node = root_;
  while (node != nullptr && node->key != key) {
    node = node->child[key < node->key ? kLeft : kRight];
    ++steps;
  }
  return node;
}

InterestNode* InterestTree::first() const { return outermost(root_, kLeft); }

InterestNode* InterestTree::next(InterestNode& node) {
  if (node.child[kRight] != nullptr) return outermost(node.child[kRight], kLeft);
  Node* below = &node;
  while (below->parent != nullptr && side_of(*below) == kRight) below = below->parent;
  return below->parent;
}

// --- the four ways to change, each with its record -----------------------------------------------------------------

void InterestTree::link(Node& node, Node* parent, Side side) {
  node.parent = parent;
  node.child[kLeft] = node.child[kRight] = nullptr;
  node.is_black = false;
  (parent != nullptr ? parent->child[side] : root_) = &node;
  trace_.emit(TreeLinked{epoll_, node.item, parent != nullptr ? parent->item : ItemId{},
                         parent != nullptr && side == kLeft});
}

void InterestTree::colour(Node& node, bool black) {
  if (node.is_black == black) return;
  node.is_black = black;
  trace_.emit(TreeColoured{epoll_, node.item, black});
}

void InterestTree::replace_in_parent(Node& old, Node* with) {
  (old.parent != nullptr ? old.parent->child[side_of(old)] : root_) = with;
  if (with != nullptr) with->parent = old.parent;
}

void InterestTree::rotate(Node& down, Side to) {
  Node& up = *down.child[other(to)];
  Node* const moved = up.child[to];
  replace_in_parent(down, &up);
  up.child[to] = &down;
  down.parent = &up;
  down.child[other(to)] = moved;
  if (moved != nullptr) moved->parent = &down;
  trace_.emit(TreeRotated{epoll_, down.item, to == kLeft});
}

/// `successor` takes the place of `node`: its only child or nothing, or the next in order where it has two.
void InterestTree::splice(Node& node, Node* successor) {
  const bool has_both = node.child[kLeft] != nullptr && node.child[kRight] != nullptr;
  if (has_both) {
    replace_in_parent(*successor, successor->child[kRight]);
    for (const Side side : {kLeft, kRight}) {
      successor->child[side] = node.child[side];
      if (node.child[side] != nullptr) node.child[side]->parent = successor;
    }
  }
  replace_in_parent(node, successor);
  node.parent = node.child[kLeft] = node.child[kRight] = nullptr;
  trace_.emit(TreeSpliced{epoll_, node.item, successor != nullptr ? successor->item : ItemId{}});
}

// --- insertion -------------------------------------------------------------------------------------------------------

std::uint32_t InterestTree::insert(Node& node) {
  std::uint32_t steps = 0;
  Node* parent = nullptr;
  Side side = kLeft;
  for (Node* at = root_; at != nullptr; at = at->child[side]) {
    assert(at->key != node.key);
    parent = at;
    side = node.key < at->key ? kLeft : kRight;
    ++steps;
  }
  link(node, parent, side);
  repair_red(&node);
  check_in_debug(*this, &node);
  return steps;
}

/// `node` is red, and perhaps its parent too.
void InterestTree::repair_red(Node* node) {
  while (is_red(node->parent)) {
    Node* parent = node->parent;
    Node& grandparent = *parent->parent;  // there is one: the root is black
    const Side side = side_of(*parent);
    Node* const uncle = grandparent.child[other(side)];
    if (is_red(uncle)) {
      colour(*parent, true);
      colour(*uncle, true);
      colour(grandparent, false);
      node = &grandparent;
      continue;
    }
    if (parent->child[other(side)] == node) {  // an inner grandchild is first made an outer one
      rotate(*parent, side);
      parent = node;
    }
    rotate(grandparent, other(side));
    colour(*parent, true);
    colour(grandparent, false);
    return;
  }
  if (node->parent == nullptr) colour(*node, true);
}

// --- erasure -------------------------------------------------------------------------------------------------------

void InterestTree::erase(Node& node) {
  const bool has_both = node.child[kLeft] != nullptr && node.child[kRight] != nullptr;
  Node* const only = node.child[node.child[kLeft] != nullptr ? kLeft : kRight];
  Node* const successor = has_both ? outermost(node.child[kRight], kLeft) : only;

  // The place that really goes: the item's own, or the one that its successor leaves to its right child.
  const Node& vacated = has_both ? *successor : node;
  const bool was_black = vacated.is_black;
  Node* const orphan = has_both ? successor->child[kRight] : only;
  Node* above = vacated.parent;
  if (has_both && above == &node) above = successor;

  const bool node_was_black = node.is_black;
  splice(node, successor);
  if (has_both) colour(*successor, node_was_black);
  if (orphan != nullptr) {
    colour(*orphan, true);  // an only child is red, and makes up for the black that went
  } else if (was_black) {
    repair_missing_black(above, nullptr);
  }
  check_in_debug(*this, above != nullptr ? above : root_);
}

/// Every way through `node`, a child of `parent`, has one black too few. `node` is null at first.
void InterestTree::repair_missing_black(Node* parent, Node* node) {
  while (parent != nullptr) {
    const Side side = parent->child[kLeft] == node ? kLeft : kRight;
    Node* sibling = parent->child[other(side)];
    if (is_red(sibling)) {  // then make it the parent, so that the new sibling is black
      rotate(*parent, side);
      colour(*sibling, true);
      colour(*parent, false);
      sibling = parent->child[other(side)];
    }
    if (!is_red(sibling->child[kLeft]) && !is_red(sibling->child[kRight])) {
      colour(*sibling, false);
      if (is_red(parent)) return colour(*parent, true);
      node = parent;
      parent = node->parent;
      continue;
    }
    if (!is_red(sibling->child[other(side)])) {  // the red nephew is moved to the far side
      Node* const nephew = sibling->child[side];
      rotate(*sibling, other(side));
      sibling = nephew;
    }
    const bool parent_was_black = parent->is_black;
    rotate(*parent, side);
    colour(*sibling, parent_was_black);
    colour(*parent, true);
    return colour(*sibling->child[other(side)], true);
  }
}

// --- the rules, held against one way up ------------------------------------------------------------------------------

namespace {

constexpr int kDeepest = 128;  // twice the binary logarithm of more nodes than there can be

/// The black nodes down the left edge; kDeepest where that does not end.
int blacks_below(const InterestNode* node) {
  int blacks = 0, depth = 0;
  for (; node != nullptr && depth < kDeepest; node = node->child[kLeft], ++depth)
    blacks += node->is_black ? 1 : 0;
  return depth < kDeepest ? blacks : kDeepest;
}

const char* broken_at(const InterestNode& node) {
  for (const Side side : {kLeft, kRight}) {
    const InterestNode* const child = node.child[side];
    if (child == nullptr) continue;
    if (child->parent != &node) return "a child has another parent";
    if ((side == kLeft) != (child->key < node.key)) return "a child stands on the wrong side";
    if (is_red(&node) && is_red(child)) return "a red item has a red child";
  }
  return blacks_below(node.child[kLeft]) != blacks_below(node.child[kRight])
             ? "two ways down differ in black items"
             : nullptr;
}

}  // namespace

const char* InterestTree::broken_rule(const Node* touched) const {
  if (is_red(root_)) return "the root is red";
  if (touched == nullptr) return nullptr;
  InterestKey least = touched->key, most = touched->key;  // of the way so far
  const Node* below = nullptr;
  for (const Node* node = touched; node != nullptr; below = node, node = node->parent) {
    if (below != nullptr && node->child[kLeft] != below && node->child[kRight] != below) {
      return "a parent does not have its child";
    }
    if (below != nullptr && (node->child[kLeft] == below ? most >= node->key : least <= node->key)) {
      return "an item stands on the wrong side of one above it";  // so a ring ends here, too
    }
    if (const char* const broken = broken_at(*node)) return broken;
    least = std::min(least, node->key), most = std::max(most, node->key);
  }
  return below == root_ ? nullptr : "the way up does not lead to the root";
}

void InterestTree::check_invariants([[maybe_unused]] const Node* touched) const {
  assert(broken_rule(touched) == nullptr);
}

}  // namespace stackscope
