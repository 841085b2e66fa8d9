#pragma once
// A fuzz run in several processes: each takes its share of the programs, and one puts together what they met.

#include <string>
#include <vector>

#include "runner/fuzz/fuzz.hpp"

namespace stackscope {

/// What a share tells: a report, with its difference as a text.
struct FuzzShare {
  std::uint64_t programs = 0, unsteady = 0;
  FuzzCoverage coverage;
  std::string difference;  // empty: none

  /// Everything that `other` met too; the difference of the first that has one.
  void merge(const FuzzShare& other);
};

FuzzShare share_of(const FuzzReport& report);

/// As one process tells it to another: a JSON object. from_json() throws nlohmann::json::exception.
std::string to_json(const FuzzShare& share);
FuzzShare share_from_json(const std::string& text);

/// Runs `processes` copies of this program, each with a share of `request`. Throws std::runtime_error with what one that
/// failed printed.
FuzzShare fuzz_in_processes(const FuzzRequest& request, unsigned processes);

}  // namespace stackscope
