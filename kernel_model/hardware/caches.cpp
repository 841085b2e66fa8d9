#include "kernel_model/hardware/caches.hpp"

#include <algorithm>
#include <utility>

namespace stackscope {

void Caches::cool(Duration slept, Duration cooling) {
  lost_ += slept < cooling ? slept.count() * kAll / cooling.count() : kAll;
}

Duration Caches::warm(const Cost& path) {
  if (path.number() >= lost_then_.size()) lost_then_.resize(path.number() + 1u);
  const std::int64_t lost = lost_ - std::exchange(lost_then_[path.number()], lost_);
  return path.cold() * std::min(lost, kAll) / kAll;
}

}  // namespace stackscope
