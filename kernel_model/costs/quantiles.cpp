#include "kernel_model/costs/quantiles.hpp"

namespace stackscope {

Duration Quantiles::at(std::int64_t millionths) const {
  const std::span<const int> per_mille = per_milles();
  std::size_t part = 0;
  while (millionths >= per_mille[part + 1] * 1'000) ++part;
  const std::int64_t width = (per_mille[part + 1] - per_mille[part]) * 1'000;
  const Duration span = values_[part + 1] - values_[part];
  return values_[part] + span * (millionths - per_mille[part] * 1'000) / width;
}

}  // namespace stackscope
