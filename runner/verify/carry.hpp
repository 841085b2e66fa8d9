#pragma once
// What of a scenario can be carried over to the kernel underneath: its programs, as processes of one network namespace.
//
// Differs: a run that starts later than time 0 starts 20 ms later still. Scenarios leave a millisecond for a server to listen;
//          real processes need more until all their memory is their own.

#include <span>
#include <string>
#include <vector>

#include "measure/real_run.hpp"
#include "runner/scenario/scenario.hpp"

namespace stackscope {

struct CarriedOver {
  std::vector<RealProgram> programs;  // in the order of the scenario's runs; they refer to it
  std::vector<RealSysctl> sysctls;    // that are not at their defaults
  std::vector<std::string> notes;     // what the kernel underneath does not get, or gets otherwise
  std::string not_comparable;         // why there are no programs; else empty
};

/// `real` is what the scenario says of itself: "loopback", "veth" or "no: reason". `cpus`: those of this machine that may be
/// used; the hosts' CPUs are the last of them, in order, since the first gets most interrupts of others. The scenario must
/// outlive the result.
CarriedOver carry_over(const ResolvedScenario& scenario, std::string_view real, std::span<const int> cpus);

/// The CPUs on which this process may run. Linux: sched_getaffinity(2)
std::vector<int> usable_cpus();

}  // namespace stackscope
