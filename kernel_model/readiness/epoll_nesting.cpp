#include "kernel_model/readiness/epoll_nesting.hpp"

#include <algorithm>

#include "kernel_model/readiness/epoll.hpp"
#include "sim/mutant.hpp"

namespace stackscope {

EpollNesting::EpollNesting(EpollShared& shared) : shared_(shared) {
  shared_.nested_mutex_.lock(shared_.scheduler);
  ++shared_.loop_check_gen_;
}

// Whoever adds meanwhile sees that the generation is the present one, and waits for the check.
EpollNesting::~EpollNesting() {
  ++shared_.loop_check_gen_;
  shared_.nested_mutex_.unlock(shared_.scheduler);
}

bool EpollNesting::allows(Epoll& into, Epoll& target) {
  into_ = &into;
  const int below = depth_below(target, 0);
  if (below > kMaxNests) return false;
  return below + 1 + depth_above(into) <= kMaxNests;
}

int EpollNesting::depth_below(Epoll& epoll, int depth) {
  if (epoll.generation_ == shared_.loop_check_gen_) return epoll.loop_check_depth_;
  epoll.mutex_.lock(shared_.scheduler);
  epoll.generation_ = shared_.loop_check_gen_;
  int result = 0;
  for (InterestNode* node = epoll.tree_.first(); node != nullptr && result <= kMaxNests;
       node = InterestTree::next(*node)) {
    File& file = static_cast<EpollItem::Node*>(node)->owner->file;
    if (file.kind() != FileKind::kEpoll) {
      note(file);
      continue;
    }
    Epoll& inner = static_cast<Epoll&>(file);
    const bool is_bad = (&inner == into_ && !MUTANT("circles are allowed")) || depth > kMaxNests;
    const int below = is_bad ? kBad : depth_below(inner, depth + 1);
    result = std::max(result, std::min(below, kBad - 1) + 1);
  }
  epoll.loop_check_depth_ = result;
  epoll.mutex_.unlock(shared_.scheduler);
  return result;
}

int EpollNesting::depth_above(Epoll& epoll) {
  if (epoll.generation_ == shared_.loop_check_gen_) return epoll.loop_check_depth_;
  int result = 0;
  for (EpollItem* item : epoll.watchers()) result = std::max(result, depth_above(item->epoll) + 1);
  epoll.generation_ = shared_.loop_check_gen_;
  epoll.loop_check_depth_ = result;
  return result;
}

bool EpollNesting::has_too_many_paths() {
  return std::any_of(files_.begin(), files_.end(), [this](File* file) {
    paths_ = {};
    return !count_paths(*file, 0);
  });
}

/// Returns false where there are too many. Any number of ways of length one is fine.
bool EpollNesting::count_paths(File& file, std::size_t depth) {
  if (depth > paths_.size()) return false;
  return std::all_of(file.watchers().begin(), file.watchers().end(), [this, depth](EpollItem* item) {
    if (!item->epoll.watchers().empty()) return count_paths(item->epoll, depth + 1);
    return depth == 0 || (depth < paths_.size() && ++paths_[depth] <= kPathLimits[depth]);
  });
}

}  // namespace stackscope
