#include "kernel_model/hardware/caches.hpp"

#include <algorithm>
#include <utility>

namespace stackscope {

Duration Caches::warm(const Cost& path, Duration cooling) {
  if (path.number() >= slept_then_.size()) slept_then_.resize(path.number() + 1u);
  const Duration slept = slept_ - std::exchange(slept_then_[path.number()], slept_);
  return slept >= cooling ? path.cold() : path.cold() * slept.count() / cooling.count();
}

}  // namespace stackscope
