#pragma once
// The fair run queue's tree: entities in the order of their virtual deadlines, each knowing its subtree's
// extremes.
//
// Linux:   kernel/sched/fair.c tasks_timeline, min_vruntime_update(), __pick_eevdf()
// Differs: a treap, shaped by a hash of the order of insertion, in place of a red-black tree. Only the order
// can be
//          seen, and it is the same: by deadline, equals in the order of insertion.

#include <cstdint>

#include "kernel_model/scheduler/fair_entity.hpp"

namespace stackscope {

class FairTimeline {
 public:
  void insert(FairEntity& entity);
  /// REQUIRES: it is in the tree, and its deadline, vruntime and slice are what they were when it was
  /// inserted.
  void erase(FairEntity& entity);

  bool empty() const { return root_ == nullptr; }
  /// The earliest deadline; null where empty. Linux: __pick_first_entity()
  FairEntity* first() const;
  /// The earliest deadline among the eligible; null where nobody is. `eligible(vruntime)` must hold for every
  /// vruntime below one for which it holds: so one look at a subtree's least vruntime tells whether to search
  /// it.
  template <class Eligible>
  FairEntity* first_eligible(Eligible eligible) const;
  /// Where min_slice and max_slice of all stand; null where empty.
  const FairEntity* root() const { return root_; }

 private:
  FairEntity* root_ = nullptr;
  std::uint64_t sequence_ = 0;
};

template <class Eligible>
FairEntity* FairTimeline::first_eligible(Eligible eligible) const {
  for (FairEntity* at = root_; at;) {
    if (at->node.left && eligible(at->node.left->node.min_vruntime)) {
      at = at->node.left;  // somebody there is eligible, and earlier than all here
    } else if (eligible(at->vruntime)) {
      return at;
    } else {
      at = at->node.right;
    }
  }
  return nullptr;
}

}  // namespace stackscope
