#include "runner/commands/run_checks.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "runner/output_file.hpp"
#include "runner/results/junit.hpp"
#include "runner/selection.hpp"
#include "runner/version.hpp"
#include "sim/fingerprint.hpp"

namespace stackscope {
namespace {

namespace fs = std::filesystem;

/// Under whatever names: through links, and where nothing is yet.
bool are_one_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  const auto canonical = [&](const std::string& path) {
    return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  };
  return fs::equivalent(a, b, ignored) || canonical(a) == canonical(b);
}

bool is_device(const std::string& path) {
  std::error_code ignored;
  const fs::file_status there = fs::status(path, ignored);
  return fs::exists(there) && !fs::is_regular_file(there) && !fs::is_directory(there);
}

}  // namespace

std::vector<std::string> unsound_run_options(const RunOptions& options) {
  std::vector<std::string> errors;
  if (!options.until.empty()) {
    const ParsedQuantity until = parse_quantity(options.until, Dimension::kDuration);
    if (until.complaint) {
      const std::string& help = until.complaint->help;
      errors.push_back(
          fmt::format("--until: {}{}", until.complaint->message, help.empty() ? "" : "; " + help));
    } else if (until.value <= 0) {
      errors.emplace_back("--until: a run cannot end before it begins");
    }
  }
  if (!options.expect_fingerprint.empty() && !Fingerprint::parse(options.expect_fingerprint)) {
    errors.push_back(
        fmt::format("--expect-fingerprint: '{}' is not a fingerprint, which has 16 hexadecimal digits",
                    options.expect_fingerprint));
  }
  return errors;
}

std::vector<std::string> wants_one_run(const RunOptions& options, std::size_t runs) {
  std::vector<std::string> errors;
  const auto check = [&](const std::string& value, const char* option) {
    if (value.empty() || runs <= 1) return;
    errors.push_back(
        fmt::format("{} wants one run, and this is {}; choose one scenario and --variant", option, runs));
  };
  check(options.record, "--record");
  check(options.pcap, "--pcap");
  check(options.expect_fingerprint, "--expect-fingerprint");
  return errors;
}

std::vector<std::string> clashes(const RunRequest& request, std::span<const std::string> inputs) {
  std::vector<std::string> found;
  const auto check = [&](const char* option, const std::string& output) {
    if (output.empty() || is_device(output)) return;
    for (const std::string& input : inputs) {
      if (are_one_file(output, input))
        found.push_back(fmt::format("{}: '{}' is what is to run, and would be overwritten", option, output));
    }
  };
  const std::pair<const char*, const std::string&> outputs[] = {
      {"--record", request.options.record}, {"--pcap", request.options.pcap}, {"--junit", request.junit}};
  for (std::size_t i = 0; i < std::size(outputs); ++i) {
    const auto& [option, output] = outputs[i];
    check(option, output);
    if (output.empty() || is_device(output)) continue;
    for (const auto& [other, taken] : std::span(outputs).first(i)) {
      if (!taken.empty() && are_one_file(output, taken))
        found.push_back(fmt::format("{}: '{}' is the file of {} too", option, output, other));
    }
  }
  const std::string& folder = request.options.record_on_failure;
  std::error_code ignored;
  if (!folder.empty() && fs::exists(folder, ignored) && !fs::is_directory(folder, ignored))
    found.push_back(fmt::format("--record-on-failure: '{}' is a file, not a folder", folder));
  return found;
}

void write_refusal(const std::string& junit, std::span<const std::string> paths, std::string_view message,
                   const Console& console) {
  const std::vector<std::string> inputs = find_scenario_files(paths).files;
  const bool is_input = std::any_of(inputs.begin(), inputs.end(),
                                    [&](const std::string& input) { return are_one_file(junit, input); });
  if (junit.empty() || is_input) return;
  const NotRun refused{"stackscope run", "", "refused", {{"", std::string(message), ""}}};
  OutputFile file(junit);
  if (file.problem().empty()) file.write(junit_xml({}, version(), {&refused, 1}));
  if (!file.problem().empty()) console.complain("stackscope run: --junit: " + file.problem());
}

}  // namespace stackscope
