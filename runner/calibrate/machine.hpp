#pragma once
// This machine: what it is, and how long its steps take.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/calibrate/calibration.hpp"

namespace stackscope {

/// "Linux 6.18.44, 2 CPUs, AMD EPYC 7B13".
std::string name_of_machine(std::size_t cpus);

/// Some fifteen seconds on the kernel underneath. `cpus`: those that may be used, at least one. `on_exercise` hears what is
/// measured; `notes`, what could not be.
Measured measure_machine(std::span<const int> cpus, std::vector<std::string>& notes,
                         const std::function<void(std::string_view)>& on_exercise);

}  // namespace stackscope
