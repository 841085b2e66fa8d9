#pragma once
// --check-determinism: the same run in two processes whose memory lies at different addresses.
//
// What must not reach a recording is an address, a clock, and any order that comes from either. The second process is this
// very program, started with a larger environment (its stack begins elsewhere); before anything runs it maps memory and
// scatters its heap, so that blocks which are allocated one after another lie in another order than in the first.
//
// Differs: two processes of one machine see the same processor and the same C library; what those decide is found by
//          comparing builds (tools/fingerprints) instead.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// The run, in this process, with a recording in that file; without one where it is empty.
using RunHere = std::function<RunResult(const std::string& recording)>;

/// How the second process is asked for the same run: the arguments of this program that make it print the run as one --json
/// object, and those that make it write its recording to a file as well.
struct RunThere {
  std::vector<std::string> arguments;
  std::string record_option = "--record";
  const std::atomic<int>* interrupted = nullptr;  // the second process is given up once it is not 0
};

/// The hidden option with which the second process is started. Whoever reads it calls scatter_memory() first of all.
inline constexpr const char* kSecondProcessOption = "--second-process";
/// The blocks stay while the run goes on.
using KeptBlocks = std::vector<std::unique_ptr<void, void (*)(void*)>>;
[[nodiscard]] KeptBlocks scatter_memory();

/// Nothing where `first`, which ran in this process, and a run in the second process have the same fingerprints. Otherwise
/// both run again with recordings, which stay in `folder` (a new one of the system's where it is empty), and the first
/// record that differs is named. Where the second process does not answer, that is an InternalError.
std::optional<Outcome> difference_between_processes(const RunResult& first, const RunHere& here,
                                                    const RunThere& there, std::string folder = {});

}  // namespace stackscope
