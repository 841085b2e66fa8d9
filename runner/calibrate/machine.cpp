#include "runner/calibrate/machine.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>

#include "measure/kernel_version.hpp"
#include "measure/real_run.hpp"

namespace stackscope {

namespace {

/// The machine was taken away meanwhile, as hosts of virtual CPUs do: one time in four a step took many times as long as usual.
bool is_disturbed(const StepTimes& times) {
  constexpr std::int64_t kFar = 8;
  return std::ranges::any_of(times, [](const auto& step) {
    return step.second.percentile(750) > kFar * step.second.percentile(500);
  });
}

}  // namespace

std::string name_of_machine(std::size_t cpus) {
  std::string model = "unknown processor";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    model = line.substr(std::min(line.find(": ") + 2, line.size()));
    break;
  }
  return fmt::format("Linux {}, {} CPU{}, {}", KernelVersion::running().release, cpus, cpus == 1 ? "" : "s",
                     model);
}

Measured measure_machine(std::span<const int> cpus, std::vector<std::string>& notes,
                         const std::function<void(std::string_view)>& on_exercise) {
  constexpr int kOften = 400, kRounds = 200, kRareRounds = 60, kMostTries = 4;
  RealRunner runner;
  Measured measured;
  const auto measure = [&](const Exercise& exercise, StepTimes& into) {
    std::string why_not;
    StepTimes found;
    on_exercise(exercise.name);
    for (int tries = 0; tries < kMostTries && (tries == 0 || is_disturbed(found)); ++tries)
      found = times_on_host(exercise, runner, why_not);
    if (is_disturbed(found))
      notes.push_back("this machine is busy: the times of '" + exercise.name + "' vary widely");
    for (const auto& [step, times] : found) into[step].merge(times);
    if (!why_not.empty()) notes.push_back(why_not);
  };
  const int last = cpus.back();
  measure(each_call(kOften, {}, last), measured.in_loop);
  measure(wake_near(kOften, last), measured.in_loop);
  measure(each_call(kRareRounds, kRested, last), measured.rested);
  measure(each_call(kRounds, kPaused, last), measured.paused);
  if (cpus.size() < 2) {
    notes.emplace_back("there is one CPU: what another costs is the base profile's");
    return measured;
  }
  const CpuPair pair{cpus[cpus.size() - 2], last};
  measure(serve(kRareRounds, kRested, pair), measured.served);
  measure(wake_far(kRounds, kPaused, pair), measured.paused);
  measure(wake_busy(kOften, pair), measured.in_loop);
  return measured;
}

}  // namespace stackscope
