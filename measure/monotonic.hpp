#pragma once
// The clock of a run: CLOCK_MONOTONIC, in nanoseconds.

#include <cstdint>
#include <time.h>

namespace stackscope {

inline std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace stackscope
