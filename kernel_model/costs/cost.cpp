#include "kernel_model/costs/cost.hpp"

namespace stackscope {

// The quartiles stand at these per-milles of the distribution; the last per cent is cut off.
Duration Cost::draw_jittered() const {
  constexpr std::array<std::int64_t, 5> kPerMille{0, 250, 500, 750, 990};
  const auto at = static_cast<std::int64_t>(stream_->below(990'000));  // in millionths
  std::size_t part = 0;
  while (at >= kPerMille[part + 1] * 1'000) ++part;
  const std::int64_t width = (kPerMille[part + 1] - kPerMille[part]) * 1'000;
  const Duration span = quartiles_[part + 1] - quartiles_[part];
  return quartiles_[part] + span * (at - kPerMille[part] * 1'000) / width;
}

}  // namespace stackscope
