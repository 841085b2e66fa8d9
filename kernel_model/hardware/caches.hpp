#pragma once
// What a CPU still has in its caches of the kernel's code and data.
//
// While a CPU sleeps its caches go to others, or are switched off with it: on the measured machines a call that comes after
// 50 ms of sleep costs 8 to 20 times what it costs in a loop, once; the second of its kind costs hardly more. So each path, which
// is what one cost stands for, is lost in proportion to the time that the CPU has slept since it last went it, and a CPU that
// does not sleep loses none.
//
// Differs: what is lost is reckoned from time, not from lines and sets. Paths do not push each other out, a path is brought back
//          whole, and another CPU's having it does not help. Who could notice: programs that touch much memory between two calls.

#include <cstdint>
#include <vector>

#include "kernel_model/costs/cost.hpp"
#include "sim/time.hpp"

namespace stackscope {

class Caches {
 public:
  /// The CPU has slept; after `cooling` all would be lost. How much is lost in a sleep varies, and so does `cooling`.
  void cool(Duration slept, Duration cooling);

  /// What it costs to bring a path back, which is there from now on.
  Duration warm(const Cost& path);

 private:
  static constexpr std::int64_t kAll = 1'000'000;

  std::int64_t lost_ = kAll;             // in all; at first what the CPU has never done
  std::vector<std::int64_t> lost_then_;  // when it last went each path
};

}  // namespace stackscope
