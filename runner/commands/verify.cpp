#include "runner/verify/verify.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <optional>

#include "measure/kernel_version.hpp"
#include "runner/commands/commands.hpp"
#include "runner/name_checks.hpp"
#include "runner/output_file.hpp"
#include "runner/selection.hpp"
#include "runner/verify/report.hpp"
#include "runner/version.hpp"

namespace stackscope {

namespace {

class Verify {
 public:
  Verify(const VerifyRequest& request, const Console& console)
      : request_(request),
        console_(console),
        heading_{request.path, request.path, "", KernelVersion::running().release, std::string(version())} {}

  ExitCode go() {
    if (!open_json()) return ExitCode::usage;
    const FoundFiles found = find_scenario_files({&request_.path, 1});
    for (const FoundFiles::Error& error : found.errors) refused_.push_back(error.message);
    if (!refused_.empty()) return refuse();
    if (found.files.size() != 1 || found.files.front() != request_.path) {
      refused_.push_back(fmt::format("'{}' is a folder; name one scenario", request_.path));
      return refuse();
    }
    LoadedScenario loaded = load_checked_scenario(request_.path);
    if (!loaded.scenario) return refuse(loaded.errors);
    scenario_ = *std::move(loaded.scenario);
    heading_.scenario = scenario_names(found.files).front(), heading_.title = scenario_.title;
    const NamedScenario named{heading_.scenario, request_.path, &scenario_};
    const Jobs jobs = jobs_of({&named, 1}, request_.variants);
    refused_ = jobs.errors;
    return refused_.empty() ? verify_all(jobs.jobs) : refuse();
  }

 private:
  void complain(std::string_view message) {
    console_.complain(fmt::format("stackscope verify: {}", message));
  }

  ExitCode verify_all(const std::vector<Job>& jobs) {
    console_.out << verify_heading(heading_, console_.paint(), console_.width) << std::flush;
    for (const Job& job : jobs) {
      const auto show = [&](int run) {
        console_.progress(fmt::format("{}: real run {} of {}", job.variant, run, request_.options.repeat));
      };
      Verified verified = verifier_.verify(job.named, job.variant, request_.options, show);
      console_.clear_progress();
      if (!verified.result) return refuse(verified.errors);
      console_.out << verify_table(*verified.result, console_.paint(), console_.width) << std::flush;
      results_.push_back(*std::move(verified.result));
    }
    console_.out << verify_totals(results_, console_.paint(), console_.width) << std::flush;
    return write_json() ? code() : ExitCode::usage;
  }

  ExitCode refuse() {
    for (const std::string& message : refused_) complain(message);
    write_json();
    return ExitCode::usage;
  }
  ExitCode refuse(const std::vector<Diagnostic>& errors) {
    console_.err << render(errors, console_.error_width);
    for (const Diagnostic& error : errors)
      refused_.push_back(fmt::format("{}: {}", place_of(error), error.message));
    write_json();
    return ExitCode::usage;
  }

  /// Before the work, which may take minutes.
  bool open_json() {
    if (request_.json.empty()) return true;
    std::error_code ignored;
    if (std::filesystem::equivalent(request_.json, request_.path, ignored)) {
      complain(fmt::format("--json: '{}' is what is to run, and would be overwritten", request_.json));
      return false;
    }
    json_.emplace(request_.json);
    return has_json();
  }
  bool write_json() {
    if (!json_) return true;
    json_->write(verify_json(heading_, results_, refused_));
    return has_json();
  }
  bool has_json() {
    if (!json_->problem().empty()) complain("--json: " + json_->problem());
    return json_->problem().empty();
  }

  ExitCode code() const {
    bool differs = false, has_failed = false, has_compared = false;
    for (const VerifiedVariant& result : results_) {
      has_failed = has_failed || !result.failed.empty();
      has_compared = has_compared || result.is_compared();
      differs = differs || (result.is_compared() && result.count(Likeness::kDiffers) > 0);
    }
    if (has_failed) return ExitCode::not_finished;
    if (differs) return ExitCode::expectation_failed;
    return has_compared ? ExitCode::all_held : ExitCode::nothing_matched;
  }

  const VerifyRequest& request_;
  const Console& console_;
  VerifyHeading heading_;
  Scenario scenario_;
  std::optional<OutputFile> json_;
  Verifier verifier_;
  std::vector<VerifiedVariant> results_;
  std::vector<std::string> refused_;  // why there are not more
};

}  // namespace

ExitCode verify_command(const VerifyRequest& request, const Console& console) {
  return Verify(request, console).go();
}

}  // namespace stackscope
