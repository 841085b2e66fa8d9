#include "kernel_model/costs/cost.hpp"

namespace stackscope {

Duration Cost::draw_jittered() const {
  return quantiles_.at(static_cast<std::int64_t>(stream_->below(std::uint64_t{Quantiles::kLast} * 1'000)));
}

}  // namespace stackscope
