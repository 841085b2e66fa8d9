#pragma once
// A queue that is cheap to copy, on a PagedMap: a ring's slots, a CPU's backlog.

#include <cstdint>

#include "analysis/paged_map.hpp"

namespace stackscope {

template <class T>
class PagedQueue {
 public:
  using value_type = T;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void push_back(const T& value) { entries_[past_++] = value; }
  /// Null where the queue is empty.
  const T* front() const { return entries_.find(first_); }
  const T* back() const { return entries_.find(past_ - 1); }
  /// REQUIRES: not empty.
  void pop_front() { entries_.erase(first_++); }
  void pop_back() { entries_.erase(--past_); }

  /// From the front to the back, as (ordinal in the queue's life, value).
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  template <class PageVisitor, class ValueVisitor>
  void visit_unshared(const PagedQueue& other, PageVisitor page, ValueVisitor value) const {
    entries_.visit_unshared(other.entries_, page, value);
  }

 private:
  PagedMap<std::uint32_t, T> entries_;
  std::uint32_t first_ = 0, past_ = 0;
};

}  // namespace stackscope
