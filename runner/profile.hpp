#pragma once
// Cost profiles: what each step costs on a machine, with the source of every number.
//
//     [cpu.context_switch]
//     typical   = "1200ns"              # in a loop
//     quartiles = ["1100ns", "1150ns", "1200ns", "1300ns", "2us"]   # minimum, q1, median, q3, p99; optional
//     percentiles = [ … seven … ]       # or minimum, p5, q1, median, q3, p95, p99
//     cold      = "9us"                 # on top, once, when the CPU's caches have lost it; optional
//     kind      = "measured"            # measured | input | published | illustrative
//     source    = "…"
//
// A cost that grows with the bytes has `picoseconds_per_byte` instead of `typical`.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/costs/costs.hpp"
#include "runner/scenario/diagnostic.hpp"
#include "sim/random.hpp"

namespace stackscope {

/// One cost of a profile.
struct ProfileCost {
  std::string name;  // "cpu.context_switch"
  Duration typical, cold;
  std::optional<Quantiles> quantiles;
  std::optional<std::int64_t> picoseconds_per_byte;  // then the three above say nothing
  std::string kind, source;
};

/// Invariant: `costs` are all of Costs, in the order in which they are described.
struct Profile {
  std::string machine;
  std::vector<ProfileCost> costs;
};

/// The costs of one host, with the random streams that their jitter draws from.
class HostCosts {
 public:
  /// With `jitter`, each cost that has quantiles is drawn from them, from a stream of its own named after `host` and the cost.
  HostCosts(const Profile& profile, bool jitter, std::uint64_t seed, std::string_view host);
  HostCosts(const HostCosts&) = delete;
  HostCosts& operator=(const HostCosts&) = delete;

  Costs costs;

 private:
  std::vector<std::unique_ptr<RandomStream>> streams_;
};

/// The built-in profile of that name, or the file, if it ends in ".toml"; or nothing and the errors.
///
/// Every cost must be there, and nothing else: a misspelt one is an error with a suggestion.
std::optional<Profile> read_profile(std::string_view name, std::vector<Diagnostic>& errors);

/// As a file that read_profile() reads. Each line of `preface` becomes a comment at its head.
std::string profile_text(const Profile& profile, std::string_view preface);

/// The names of the profiles that are built in.
std::vector<std::string> profile_names();

}  // namespace stackscope
