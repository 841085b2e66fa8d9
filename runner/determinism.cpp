#include "runner/determinism.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <sys/mman.h>

#include "analysis/first_difference.hpp"
#include "runner/process.hpp"
#include "runner/results/text.hpp"
#include "runner/run_scenario.hpp"
#include "sim/recording_file.hpp"

namespace stackscope {
namespace {

/// What is compared of two runs.
struct Identity {
  std::string fingerprint;
  std::vector<std::pair<std::string, std::string>> layers;
  bool operator==(const Identity&) const = default;
};

Identity identity_of(const RunResult& run) { return {run.fingerprint, run.layers}; }

/// The second process's answer. Throws std::runtime_error where there is none.
Identity run_there(const RunThere& there, const std::string& recording) {
  std::vector<std::string> arguments{"stackscope"};
  arguments.insert(arguments.end(), there.arguments.begin(), there.arguments.end());
  if (!recording.empty()) arguments.insert(arguments.end(), {there.record_option, recording});
  arguments.emplace_back(kSecondProcessOption);
  const ProcessOutput output = run_process(
      own_program(), arguments, {"STACKSCOPE_SECOND_PROCESS=" + std::string(12'345, 'x')}, there.interrupted);
  const auto answer = nlohmann::ordered_json::parse(output.out, nullptr, false);
  if (answer.is_discarded() || !answer.contains("runs") || answer["runs"].size() != 1) {
    throw std::runtime_error(fmt::format("the second process ended with {} and without a result: {}",
                                         output.exit_code, output.err));
  }
  const auto& run = answer["runs"][0];
  Identity identity{run["fingerprint"], {}};
  for (const auto& [layer, fingerprint] : run["layers"].items())
    identity.layers.emplace_back(layer, fingerprint);
  return identity;
}

std::string layers_that_differ(const Identity& a, const Identity& b) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < a.layers.size() && i < b.layers.size(); ++i) {
    if (a.layers[i] != b.layers[i]) names.push_back(a.layers[i].first);
  }
  return names.empty() ? "only in causes" : fmt::format("in {}", join(names, ", "));
}

std::filesystem::path folder_for_recordings(const std::string& wanted) {
  if (!wanted.empty()) return std::filesystem::create_directories(wanted), wanted;
  std::string pattern = (std::filesystem::temp_directory_path() / "stackscope-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no folder for the recordings: " + pattern);
  return pattern;
}

/// Both once more, recorded: where do they part?
Mismatch explained(const RunResult& first, const Identity& second, const RunHere& here, const RunThere& there,
                   const std::string& folder) {
  const std::filesystem::path place = folder_for_recordings(folder);
  const std::string stem = std::filesystem::path(recording_path("", first)).stem().string();
  const std::string left = (place / (stem + ".first.stackscope")).string();
  const std::string right = (place / (stem + ".second.stackscope")).string();
  here(left);
  run_there(there, right);
  const std::string what = fmt::format("two processes tell different stories, {}; recorded in {} and {}",
                                       layers_that_differ(identity_of(first), second), left, right);
  const RecordingFile a{std::filesystem::path(left)}, b{std::filesystem::path(right)};
  const std::optional<RecordDifference> difference = first_difference(a, b);
  if (!difference) {
    return {what + "; once recorded they agreed, so the difference comes and goes", first.fingerprint,
            second.fingerprint};
  }
  const auto shown = [](const std::string& record) {
    return record.empty() ? "the end of the recording" : record;
  };
  return {fmt::format("{}; the first record that differs is #{}, {}", what, difference->record.value,
                      difference->what),
          shown(difference->left), shown(difference->right)};
}

}  // namespace

KeptBlocks scatter_memory() {
  // What is mapped later lies behind a block that is never given back.
  mmap(nullptr, 37 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  // Every second small block goes back to the heap, which hands them out again in another order than the addresses'.
  constexpr std::size_t kBlocks = 64, kMostBytes = 4096, kGrain = 16;
  KeptBlocks kept;
  kept.reserve(kBlocks / 2 * kMostBytes / kGrain);
  for (std::size_t bytes = kGrain; bytes <= kMostBytes; bytes += kGrain) {
    std::array<void*, kBlocks> blocks{};
    for (void*& block : blocks) {
      block = std::malloc(bytes);
      *static_cast<volatile char*>(block) = 0;  // so that no compiler leaves the block out
    }
    for (std::size_t i = 1; i < kBlocks; i += 2) kept.emplace_back(blocks[i], &std::free);
    for (std::size_t i = 0; i < kBlocks; i += 2) std::free(blocks[(i * 37) % kBlocks]);
  }
  return kept;
}

std::optional<Outcome> difference_between_processes(const RunResult& first, const RunHere& here,
                                                    const RunThere& there, std::string folder) {
  try {
    const Identity second = run_there(there, "");
    if (identity_of(first) == second) return std::nullopt;
    return explained(first, second, here, there, folder);
  } catch (const std::exception& error) {
    return InternalError{error.what()};
  }
}

}  // namespace stackscope
