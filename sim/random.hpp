#pragma once
// Randomness: named streams of integers.
//
// A stream's numbers depend on the run's seed and the stream's name alone, so a new consumer of randomness
// moves nobody else's numbers. No std:: distribution: the standard leaves their results to the library.

#include <cstdint>
#include <string_view>

namespace stackscope {

/// xoshiro256** (Blackman, Vigna 2018), its state filled by splitmix64 from seed and name.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  std::uint64_t next();

  /// Uniform in [0, bound), without bias (Lemire 2019). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);

  /// Uniform in [low, high]. REQUIRES: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + (span == 0 ? next() : below(span)));
  }

 private:
  std::uint64_t state_[4];
};

}  // namespace stackscope
