#include <deque>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <thread>

#include "runner/commands/commands.hpp"
#include "runner/commands/run_checks.hpp"
#include "runner/determinism.hpp"
#include "runner/in_order.hpp"
#include "runner/interruption.hpp"
#include "runner/name_checks.hpp"
#include "runner/output_file.hpp"
#include "runner/results/check_result.hpp"
#include "runner/results/json.hpp"
#include "runner/results/junit.hpp"
#include "runner/results/table.hpp"
#include "runner/results/tap.hpp"
#include "runner/selection.hpp"
#include "runner/version.hpp"

namespace stackscope {
namespace {

class Run {
 public:
  Run(const RunRequest& request, const Console& console)
      : request_(request), console_(console), options_(until_interrupted(request.options)) {}

  ExitCode go() {
    const FoundFiles found = find_scenario_files(request_.paths);
    std::vector<std::string> wrong = clashes(request_, found.files);
    if (!wrong.empty()) return refuse(wrong);  // and no file is touched
    if (!open_junit()) return ExitCode::usage;
    wrong = unsound_run_options(options_);
    if (!wrong.empty()) return refuse(wrong);
    for (const FoundFiles::Error& error : found.errors) {
      complain(error.message);
      not_run_.push_back({error.path, "", "refused", {{"", error.message, ""}}});
    }
    for (const std::string& folder : found.empty_folders)
      complain(fmt::format("no scenario is in '{}'", folder));
    load(found.files);
    const Jobs selected = jobs_of(named_, request_.variants);
    if (!named_.empty() && !selected.errors.empty()) return refuse(selected.errors);
    wrong = wants_one_run(options_, selected.jobs.size());
    if (!wrong.empty()) return refuse(wrong);
    run_all(selected.jobs);
    return finish();
  }

 private:
  void complain(std::string_view message) { console_.complain(fmt::format("stackscope run: {}", message)); }

  /// All of it: nothing runs.
  ExitCode refuse(const std::vector<std::string>& errors) {
    NotRun refused{"stackscope run", "", "refused", {}};
    for (const std::string& error : errors) {
      complain(error);
      refused.problems.push_back({"", error, ""});
    }
    not_run_.push_back(std::move(refused));
    return finish();
  }

  /// Before the work, so that no run of minutes ends without its report.
  bool open_junit() {
    if (request_.junit.empty()) return true;
    junit_.emplace(request_.junit);
    if (!junit_->problem().empty()) complain("--junit: " + junit_->problem());
    return junit_->problem().empty();
  }

  void load(const std::vector<std::string>& files) {
    const std::vector<std::string> names = scenario_names(files);
    for (std::size_t i = 0; i < files.size(); ++i) {
      LoadedScenario loaded = load_checked_scenario(files[i]);
      if (!loaded.scenario) {
        console_.err << render(loaded.errors, console_.error_width);
        not_run_.push_back({names[i], "", "refused", problems_of(loaded.errors)});
        continue;
      }
      scenarios_.push_back(*std::move(loaded.scenario));
      named_.push_back({names[i], files[i], &scenarios_.back()});
    }
  }

  RunOptions until_interrupted(RunOptions options) const {
    options.interrupted = &interruption_.signal();
    return options;
  }

  static std::vector<NotRun::Problem> problems_of(const std::vector<Diagnostic>& errors) {
    std::vector<NotRun::Problem> problems;
    problems.reserve(errors.size());
    for (const Diagnostic& error : errors) problems.push_back({place_of(error), error.message, error.help});
    return problems;
  }

  void run_all(const std::vector<Job>& jobs) {
    const auto run = [&](std::size_t i) { return run_job(jobs[i]); };
    const auto show_next = [&](std::size_t i) {
      if (i >= jobs.size() || request_.quiet || options_.is_interrupted()) return;
      console_.progress(
          fmt::format("{} of {}: {} {}", i + 1, jobs.size(), jobs[i].named.name, jobs[i].variant));
    };
    show_next(0);
    in_order<ScenarioRun>(jobs.size(), request_.threads, run, [&](std::size_t i, ScenarioRun result) {
      take(jobs[i], std::move(result));
      const bool ends_scenario = i + 1 == jobs.size() || jobs[i + 1].named.path != jobs[i].named.path;
      if (ends_scenario) report_scenario();
      show_next(i + 1);
    });
    console_.clear_progress();
  }

  ScenarioRun run_job(const Job& job) const {
    if (options_.is_interrupted()) return {};
    ScenarioRun run = run_one(job.named, job.variant, options_);
    if (!request_.check_determinism || !run.result) return run;
    if (std::holds_alternative<InternalError>(run.result->outcome)) return run;
    const RunHere here = [&](const std::string& recording) {
      RunOptions options = options_;
      options.record = recording, options.record_on_failure.clear(), options.pcap.clear();
      const ScenarioRun again = run_one(job.named, job.variant, options);
      if (again.is_interrupted()) throw std::runtime_error("interrupted");
      if (!again.result) throw std::runtime_error(render(again.errors));
      return *again.result;
    };
    RunResult& result = *run.result;
    const RunThere there{.arguments = arguments_for_second(job, result), .interrupted = options_.interrupted};
    if (auto outcome =
            difference_between_processes(result, here, there, request_.options.record_on_failure)) {
      if (options_.is_interrupted()) return {};
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

  void take(const Job& job, ScenarioRun run) {
    const std::string& scenario = job.named.name;
    if (run.is_interrupted()) {
      not_run_.push_back(
          {scenario, job.variant, "interrupted", {{"", "it was interrupted before its end", ""}}});
      return;
    }
    if (!run.result) not_run_.push_back({scenario, job.variant, "refused", problems_of(run.errors)});
    if (!run.errors.empty()) {
      has_bad_expectation_ = has_bad_expectation_ || run.result.has_value();
      // What is wrong with a --set is wrong in every variant, and said once.
      std::erase_if(run.errors, [&](const Diagnostic& d) { return !told_.insert(render({d})).second; });
      console_.clear_progress();
      console_.err << render(run.errors, console_.error_width);
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
    print_machine_readable();
    const bool has_junit = write_junit();
    const RunResult* failed = first_failure(runs_);
    const bool is_for_machines = request_.json || request_.tap;
    if (failed && (is_for_machines || reports_ > 1)) {
      if (!is_for_machines) console_.out << "\n" << summary() << "\n";
      (is_for_machines ? console_.err : console_.out) << replay_command(*failed, version()) << "\n";
    }
    if (runs_.empty() && not_run_.empty()) complain("nothing to run");
    if (options_.is_interrupted()) return say_interrupted();
    if (!has_junit) return ExitCode::usage;
    return exit_code_of(runs_, not_run_.size() + (has_bad_expectation_ ? 1 : 0));
  }

  ExitCode say_interrupted() {
    std::vector<std::string> names;
    for (const NotRun& one : not_run_) {
      if (one.reason == "interrupted") names.push_back(fmt::format("{}/{}", one.scenario, one.variant));
    }
    if (names.empty()) {
      complain("interrupted, when every run had ended");
    } else {
      complain(fmt::format("interrupted; {} of {} runs did not end: {}", names.size(),
                           names.size() + runs_.size(), join(names, ", ")));
    }
    return static_cast<ExitCode>(128 + interruption_.signal());
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
    if (runs_.empty() && not_run_.empty()) return;
    if (request_.json) console_.out << results_json(runs_, version(), not_run_) << std::flush;
    if (request_.tap) console_.out << tap(runs_, version(), not_run_) << std::flush;
  }

  bool write_junit() {
    if (!junit_) return true;
    junit_->write(junit_xml(runs_, version(), not_run_));
    if (!junit_->problem().empty()) complain("--junit: " + junit_->problem());
    return junit_->problem().empty();
  }

  const RunRequest& request_;
  const Console& console_;
  const Interruption interruption_;
  const RunOptions options_;  // the request's, and when to stop
  std::optional<OutputFile> junit_;
  std::deque<Scenario> scenarios_;  // whose addresses stay
  std::vector<NamedScenario> named_;
  std::vector<RunResult> runs_;
  std::vector<NotRun> not_run_;
  std::set<std::string> told_;  // errors
  std::size_t reported_ = 0, reports_ = 0;
  bool has_bad_expectation_ = false;  // one that was found wrong only when it was evaluated
};

}  // namespace

ExitCode run_command(const RunRequest& request, const Console& console) { return Run(request, console).go(); }

}  // namespace stackscope
