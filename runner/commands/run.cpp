#include <deque>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <thread>

#include "runner/commands/commands.hpp"
#include "runner/determinism.hpp"
#include "runner/in_order.hpp"
#include "runner/name_checks.hpp"
#include "runner/results/check_result.hpp"
#include "runner/results/json.hpp"
#include "runner/results/junit.hpp"
#include "runner/results/table.hpp"
#include "runner/results/tap.hpp"
#include "runner/selection.hpp"
#include "runner/version.hpp"
#include "sim/fingerprint.hpp"

namespace stackscope {
namespace {

class Run {
 public:
  Run(const RunRequest& request, const Console& console) : request_(request), console_(console) {}

  ExitCode go() {
    if (!has_sound_options()) return ExitCode::usage;
    const FoundFiles found = find_scenario_files(request_.paths);
    for (const std::string& error : found.errors) complain(error);
    for (const std::string& folder : found.empty_folders)
      complain(fmt::format("no scenario is in '{}'", folder));
    unreadable_ = found.errors.size();
    load(found.files);
    const Jobs selected = jobs_of(named_, request_.variants);
    if (!named_.empty() && !selected.errors.empty()) return refuse(selected.errors);
    if (!fits_one_run(selected.jobs.size())) return ExitCode::usage;
    run_all(selected.jobs);
    return finish();
  }

 private:
  void complain(std::string_view message) { console_.err << "stackscope run: " << message << "\n"; }
  ExitCode refuse(const std::vector<std::string>& errors) {
    for (const std::string& error : errors) complain(error);
    return ExitCode::usage;
  }

  bool has_sound_options() {
    std::vector<std::string> errors;
    const RunOptions& options = request_.options;
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
    refuse(errors);
    return errors.empty();
  }

  /// Some options speak of one run.
  bool fits_one_run(std::size_t jobs) {
    if (jobs <= 1) return true;
    const auto wants_one = [&](const std::string& value, const char* option) {
      if (value.empty()) return false;
      complain(
          fmt::format("{} wants one run, and this is {}; choose one scenario and --variant", option, jobs));
      return true;
    };
    const bool record = wants_one(request_.options.record, "--record");
    return !wants_one(request_.options.expect_fingerprint, "--expect-fingerprint") && !record;
  }

  void load(const std::vector<std::string>& files) {
    const std::vector<std::string> names = scenario_names(files);
    for (std::size_t i = 0; i < files.size(); ++i) {
      LoadedScenario loaded = load_checked_scenario(files[i]);
      if (!loaded.scenario) {
        console_.err << render(loaded.errors);
        ++unreadable_;
        continue;
      }
      scenarios_.push_back(*std::move(loaded.scenario));
      named_.push_back({names[i], files[i], &scenarios_.back()});
    }
  }

  void run_all(const std::vector<Job>& jobs) {
    const auto run = [&](std::size_t i) { return run_job(jobs[i]); };
    const auto show_next = [&](std::size_t i) {
      if (i >= jobs.size() || request_.quiet) return;
      console_.progress(
          fmt::format("{} of {}: {} {}", i + 1, jobs.size(), jobs[i].named.name, jobs[i].variant));
    };
    show_next(0);
    in_order<ScenarioRun>(jobs.size(), request_.threads, run, [&](std::size_t i, ScenarioRun result) {
      take(std::move(result));
      const bool ends_scenario = i + 1 == jobs.size() || jobs[i + 1].named.path != jobs[i].named.path;
      if (ends_scenario) report_scenario();
      show_next(i + 1);
    });
    console_.clear_progress();
  }

  ScenarioRun run_job(const Job& job) const {
    ScenarioRun run = run_one(job.named, job.variant, request_.options);
    if (!request_.check_determinism || !run.result) return run;
    if (std::holds_alternative<InternalError>(run.result->outcome)) return run;
    const RunHere here = [&](const std::string& recording) {
      RunOptions options = request_.options;
      options.record = recording, options.record_on_failure.clear();
      const ScenarioRun again = run_one(job.named, job.variant, options);
      if (!again.result) throw std::runtime_error(render(again.errors));
      return *again.result;
    };
    RunResult& result = *run.result;
    const RunThere there{arguments_for_second(job, result)};
    if (auto outcome =
            difference_between_processes(result, here, there, request_.options.record_on_failure)) {
      result.outcome = *std::move(outcome);
    }
    result.arguments.emplace_back("--check-determinism");
    return run;
  }

  std::vector<std::string> arguments_for_second(const Job& job, const RunResult& result) const {
    RunOptions options = request_.options;
    options.expect_fingerprint.clear();  // the first process looks
    std::vector<std::string> arguments{"run",       "--json", "--variant",
                                       job.variant, "--seed", std::to_string(result.seed)};
    const std::vector<std::string> more = replay_arguments(options);
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(job.named.path.starts_with('-') ? "./" + job.named.path : job.named.path);
    return arguments;
  }

  void take(ScenarioRun run) {
    if (!run.errors.empty()) {
      // What is wrong with a --set is wrong in every variant, and said once.
      std::erase_if(run.errors, [&](const Diagnostic& d) { return !told_.insert(render({d})).second; });
      console_.clear_progress();
      console_.err << render(run.errors);
      ++unreadable_;
    }
    if (run.result) runs_.push_back(*std::move(run.result));
  }

  /// Prints the scenario whose runs came last.
  void report_scenario() {
    const std::span<const RunResult> all(runs_);
    const std::span<const RunResult> scenario = all.subspan(reported_);
    reported_ = runs_.size();
    if (scenario.empty() || request_.json || request_.tap) return;
    if (request_.quiet && first_failure(scenario) == nullptr) return;
    console_.clear_progress();
    if (reports_++ > 0) console_.out << "\n";
    console_.out << scenario_report(scenario, version(), console_.paint(), console_.width) << std::flush;
  }

  ExitCode finish() {
    if (!runs_.empty() || unreadable_ > 0) print_machine_readable();
    const bool has_junit = write_junit();
    const RunResult* failed = first_failure(runs_);
    const bool is_for_machines = request_.json || request_.tap;
    if (failed && (is_for_machines || reports_ > 1)) {
      if (!is_for_machines) console_.out << "\n" << summary() << "\n";
      (is_for_machines ? console_.err : console_.out) << replay_command(*failed, version()) << "\n";
    }
    if (runs_.empty() && unreadable_ == 0) complain("nothing to run");
    return has_junit ? exit_code_of(runs_, unreadable_) : ExitCode::usage;
  }

  /// Of many scenarios: the first lines may have scrolled away.
  std::string summary() const {
    std::vector<std::string> failed;
    for (const RunResult& run : runs_) {
      if (!run.passed()) failed.push_back(fmt::format("{}/{}", run.scenario, run.variant));
    }
    return console_.paint().bad("✘") +
           fmt::format(" {} of {} runs: {}", failed.size(), runs_.size(), join(failed, ", "));
  }

  void print_machine_readable() const {
    if (request_.json) console_.out << results_json(runs_, version()) << std::flush;
    if (request_.tap) console_.out << tap(runs_, version()) << std::flush;
  }

  bool write_junit() {
    if (request_.junit.empty()) return true;
    const std::filesystem::path path(request_.junit);
    std::error_code ignored;  // opening says what is wrong
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
    std::ofstream file(path, std::ios::binary);
    file << junit_xml(runs_, version());
    file.close();
    if (!file) complain(fmt::format("--junit: '{}' cannot be written", request_.junit));
    return static_cast<bool>(file);
  }

  const RunRequest& request_;
  const Console& console_;
  std::deque<Scenario> scenarios_;  // whose addresses stay
  std::vector<NamedScenario> named_;
  std::vector<RunResult> runs_;
  std::set<std::string> told_;  // errors
  std::size_t unreadable_ = 0, reported_ = 0, reports_ = 0;
};

}  // namespace

ExitCode run_command(const RunRequest& request, const Console& console) { return Run(request, console).go(); }

}  // namespace stackscope
