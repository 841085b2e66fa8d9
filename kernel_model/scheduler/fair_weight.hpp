#pragma once
// What a nice level is worth: ten percent of the CPU a step, a factor of 1.25 in weight.
//
// Linux: kernel/sched/core.c sched_prio_to_weight[], sched_prio_to_wmult[]; kernel/sched/fair.c
// __calc_delta()

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>

namespace stackscope {

/// A weight and 2^32 divided by it, so that dividing is multiplying. Linux: struct load_weight
struct LoadWeight {
  std::uint32_t weight = 1024;
  std::uint32_t inverse = 4194304;
};

inline constexpr std::uint32_t kNice0Weight = 1024;

/// nice -20 to 19. The inverses are Linux's own table, which rounds now this way, now that.
inline constexpr std::array<LoadWeight, 40> kNiceWeights{{
    {88761, 48388},  {71755, 59856},  {56483, 76040},  {46273, 92818},  {36291, 118348}, {29154, 147320},
    {23254, 184698}, {18705, 229616}, {14949, 287308}, {11916, 360437}, {9548, 449829},  {7620, 563644},
    {6100, 704093},  {4904, 875809},  {3906, 1099582}, {3121, 1376151}, {2501, 1717300}, {1991, 2157191},
    {1586, 2708050}, {1277, 3363326}, {1024, 4194304}, {820, 5237765},  {655, 6557202},  {526, 8165337},
    {423, 10153587}, {335, 12820798}, {272, 15790321}, {215, 19976592}, {172, 24970740}, {137, 31350126},
    {110, 39045157}, {87, 49367440},  {70, 61356676},  {56, 76695844},  {45, 95443717},  {36, 119304647},
    {29, 148102320}, {23, 186737708}, {18, 238609294}, {15, 286331153},
}};

/// What a SCHED_IDLE task weighs. Linux: WEIGHT_IDLEPRIO, WMULT_IDLEPRIO
inline constexpr LoadWeight kIdleWeight{3, 1431655765};

constexpr LoadWeight weight_of_nice(int nice) {
  assert(nice >= -20 && nice <= 19);
  return kNiceWeights[static_cast<std::size_t>(nice + 20)];
}

__extension__ using Uint128 = unsigned __int128;

/// Real nanoseconds as the virtual ones of this weight: `delta * 1024 / weight`, in fixed point as Linux
/// computes it.
constexpr std::int64_t calc_delta_fair(std::int64_t delta, LoadWeight load) {
  if (load.weight == kNice0Weight) return delta;
  std::uint64_t factor = std::uint64_t{kNice0Weight} * load.inverse;
  int shift = 32;
  if (const auto high = static_cast<std::uint32_t>(factor >> 32)) {
    const int excess = 32 - std::countl_zero(high);
    factor >>= excess;
    shift -= excess;
  }
  return static_cast<std::int64_t>((Uint128{static_cast<std::uint64_t>(delta)} * factor) >> shift);
}

}  // namespace stackscope
