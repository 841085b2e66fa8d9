#pragma once
// Cost profiles: what each step costs on a machine, with the source of every number.
//
//     [cpu.context_switch]
//     typical   = "1200ns"
//     quartiles = ["1100ns", "1150ns", "1200ns", "1300ns", "2ns"]   # minimum, q1, median, q3, p99; optional
//     kind      = "measured"            # measured | input | published | illustrative
//     source    = "…"
//
// A cost that grows with the bytes has `picoseconds_per_byte` instead of `typical`.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/costs/costs.hpp"
#include "runner/scenario/diagnostic.hpp"
#include "sim/random.hpp"

namespace stackscope {

/// The costs of one host, with the random streams that their jitter draws from.
class HostCosts {
 public:
  Costs costs;

 private:
  friend class ProfileReader;
  std::vector<std::unique_ptr<RandomStream>> streams_;
};

/// What the profile of that name holds, or nothing and the errors. With `jitter`, each cost that has quartiles
/// is drawn from them, from a stream of its own named after `host` and the cost.
///
/// Every cost must be there, and nothing else: a misspelt one is an error with a suggestion.
std::unique_ptr<HostCosts> read_profile(std::string_view name, bool jitter, std::uint64_t seed,
                                        std::string_view host, std::vector<Diagnostic>& errors);

/// The names of the profiles that are built in.
std::vector<std::string> profile_names();

}  // namespace stackscope
