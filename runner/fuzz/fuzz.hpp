#pragma once
// Random programs on two kernels: what one prints and the other does not is a mistake of the model's.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/fuzz/coverage.hpp"
#include "runner/fuzz/random_program.hpp"

namespace stackscope {

/// What a program did on one of the kernels.
struct KernelOutput {
  int exit_code = 0;
  std::vector<std::string> lines;  // standard output, and why it ended where it did not end well
  bool operator==(const KernelOutput&) const = default;
};

/// Runs a Lua program to its end.
using RunLua = std::function<KernelOutput(const std::string& lua)>;

struct FuzzRequest {
  std::uint64_t programs = 1000;
  std::uint64_t seed = 1;
  std::string only;                   // a family; empty: all in turn
  std::uint64_t first = 0, step = 1;  // of them, every `step`th from `first` on
};

/// A program that the kernels disagree about, as short as it could be made.
struct FuzzDifference {
  RandomProgram program;
  KernelOutput model, real;
};

struct FuzzReport {
  std::uint64_t programs = 0;  // that were run
  std::uint64_t unsteady = 0;  // differed once, and not three times of three: chance, on the real kernel
  FuzzCoverage coverage;
  std::optional<FuzzDifference> difference;  // the first; nothing is run after it
};

/// REQUIRES: `request.only` names a family, or is empty. `progress` hears how many programs have run.
FuzzReport fuzz(const FuzzRequest& request, const RunLua& model, const RunLua& real,
                const std::function<void(std::uint64_t)>& progress);

/// The program as it was, and for each line in which the outputs differ, what each kernel printed.
std::string describe(const FuzzDifference& difference);

}  // namespace stackscope
