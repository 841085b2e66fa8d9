#pragma once
// Which scenarios and variants a command line means.

#include <span>
#include <string>
#include <vector>

#include "runner/run_scenario.hpp"

namespace stackscope {

/// The files that were named, and in place of each folder all *.toml below it, sorted; each file once.
struct FoundFiles {
  std::vector<std::string> files;
  struct Error {
    std::string path, message;
  };
  std::vector<Error> errors;               // what does not exist, with a suggestion
  std::vector<std::string> empty_folders;  // in which no scenario is
};
FoundFiles find_scenario_files(std::span<const std::string> paths);

/// A scenario's name is its file's; where two files share it, the path that tells them apart, if need be with its ending.
std::vector<std::string> scenario_names(std::span<const std::string> files);

struct Job {
  NamedScenario named;
  std::string variant;
};

struct Jobs {
  std::vector<Job> jobs;            // by scenario, then the baseline, then variants in file order
  std::vector<std::string> errors;  // variants that no scenario has, with a suggestion
};
/// Every variant of every scenario, or those that were asked for, of the scenarios that have them.
Jobs jobs_of(std::span<const NamedScenario> scenarios, std::span<const std::string> variants);

}  // namespace stackscope
