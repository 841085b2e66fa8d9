#pragma once
// Which costs a step stands for.

#include <span>
#include <string_view>

namespace stackscope {

/// The exercise in which a step is cold.
enum class ColdIn { kEachCall, kServer, kWakeUp };

struct CostGroup {
  std::string_view step;  // in a loop
  std::string_view what;  // for people
  std::span<const std::string_view> costs;
  ColdIn cold_in;
  std::string_view cold_step = step;
};

/// In this order: a step may go the paths of those before it, whose costs are known then.
std::span<const CostGroup> cost_groups();

}  // namespace stackscope
