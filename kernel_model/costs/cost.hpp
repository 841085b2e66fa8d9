#pragma once
// What one step of work costs, in nanoseconds of CPU time.

#include <cstdint>

#include "kernel_model/costs/quantiles.hpp"
#include "sim/random.hpp"
#include "sim/time.hpp"

namespace stackscope {

/// Always its typical value; or, with `jitter = "measured"`, drawn from the measured quantiles, from a
/// stream of its own.
///
/// Every cost lives in one of the structs beside this file, is filled from a profile in assets/profiles/, and
/// is zero until then. The profile says where each number comes from.
///
/// That is what it costs in a loop. `cold()` comes on top where the CPU no longer has the path in its caches (hardware/caches.hpp);
/// it is zero where the profile says nothing of it.
class Cost {
 public:
  constexpr Cost() = default;
  constexpr explicit Cost(Duration typical) : typical_(typical) {}

  Duration typical() const { return typical_; }
  Duration draw() const { return stream_ == nullptr ? typical_ : draw_jittered(); }

  /// `stream` must outlive this. REQUIRES: quantiles are not empty.
  void set_jitter(const Quantiles& quantiles, RandomStream* stream) {
    quantiles_ = quantiles;
    stream_ = stream;
  }

  Duration cold() const { return cold_; }
  /// Which of the host's costs this is.
  std::uint16_t number() const { return number_; }
  void set_cold(Duration cold, std::uint16_t number) { cold_ = cold, number_ = number; }

 private:
  Duration draw_jittered() const;

  Duration typical_, cold_;
  std::uint16_t number_ = 0;
  Quantiles quantiles_;
  RandomStream* stream_ = nullptr;
};

/// A cost that grows with the number of bytes: picoseconds each, so that integers suffice.
struct CostPerByte {
  std::int64_t picoseconds = 0;
  Duration of(std::int64_t bytes) const { return Duration::ns(picoseconds * bytes / 1000); }
};

}  // namespace stackscope
