#include "kernel_model/scheduler/fair_timeline.hpp"

#include <algorithm>
#include <cassert>

namespace stackscope {

namespace {

bool before(const FairEntity& a, const FairEntity& b) {
  return a.deadline != b.deadline ? a.deadline < b.deadline : a.node.sequence < b.node.sequence;
}

/// What keeps the tree flat: a well-mixed number for each insertion (splitmix64's finalizer).
std::uint64_t heap_key(const FairEntity& entity) {
  std::uint64_t x = entity.node.sequence * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

FairEntity* summed(FairEntity* entity) {
  FairNode& node = entity->node;
  node.min_vruntime = entity->vruntime;
  node.min_slice = node.max_slice = entity->slice;
  for (const FairEntity* child : {node.left, node.right}) {
    if (!child) continue;
    node.min_vruntime = std::min(node.min_vruntime, child->node.min_vruntime);
    node.min_slice = std::min(node.min_slice, child->node.min_slice);
    node.max_slice = std::max(node.max_slice, child->node.max_slice);
  }
  return entity;
}

struct Halves {
  FairEntity* left;
  FairEntity* right;
};

Halves split(FairEntity* tree, const FairEntity& at) {
  if (!tree) return {nullptr, nullptr};
  if (before(*tree, at)) {
    const Halves halves = split(tree->node.right, at);
    tree->node.right = halves.left;
    return {summed(tree), halves.right};
  }
  const Halves halves = split(tree->node.left, at);
  tree->node.left = halves.right;
  return {halves.left, summed(tree)};
}

FairEntity* merged(FairEntity* left, FairEntity* right) {
  if (!left || !right) return left ? left : right;
  if (heap_key(*left) > heap_key(*right)) {
    left->node.right = merged(left->node.right, right);
    return summed(left);
  }
  right->node.left = merged(left, right->node.left);
  return summed(right);
}

FairEntity* without(FairEntity* tree, FairEntity& entity) {
  assert(tree && "not in this tree, or its deadline changed while it was");
  if (tree == &entity) return merged(tree->node.left, tree->node.right);
  FairEntity*& side = before(entity, *tree) ? tree->node.left : tree->node.right;
  side = without(side, entity);
  return summed(tree);
}

}  // namespace

void FairTimeline::insert(FairEntity& entity) {
  entity.node = FairNode{};
  entity.node.sequence = ++sequence_;
  const Halves halves = split(root_, entity);
  root_ = merged(merged(halves.left, summed(&entity)), halves.right);
}

void FairTimeline::erase(FairEntity& entity) {
  root_ = without(root_, entity);
  entity.node = FairNode{};
}

FairEntity* FairTimeline::first() const {
  FairEntity* at = root_;
  while (at && at->node.left) at = at->node.left;
  return at;
}

}  // namespace stackscope
