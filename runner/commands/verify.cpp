#include "runner/verify/verify.hpp"

#include <fmt/format.h>
#include <fstream>

#include "measure/kernel_version.hpp"
#include "runner/commands/commands.hpp"
#include "runner/name_checks.hpp"
#include "runner/selection.hpp"
#include "runner/verify/report.hpp"
#include "runner/version.hpp"

namespace stackscope {

namespace {

class Verify {
 public:
  Verify(const VerifyRequest& request, const Console& console) : request_(request), console_(console) {}

  ExitCode go() {
    const FoundFiles found = find_scenario_files({&request_.path, 1});
    for (const std::string& error : found.errors) complain(error);
    if (!found.errors.empty()) return ExitCode::usage;
    if (found.files.size() != 1 || found.files.front() != request_.path) {
      complain(fmt::format("'{}' is a folder; name one scenario", request_.path));
      return ExitCode::usage;
    }
    LoadedScenario loaded = load_checked_scenario(request_.path);
    if (!loaded.scenario) {
      console_.err << render(loaded.errors);
      return ExitCode::usage;
    }
    scenario_ = *std::move(loaded.scenario);
    const NamedScenario named{scenario_names(found.files).front(), request_.path, &scenario_};
    const Jobs jobs = jobs_of({&named, 1}, request_.variants);
    for (const std::string& error : jobs.errors) complain(error);
    return jobs.errors.empty() ? verify_all(jobs.jobs) : ExitCode::usage;
  }

 private:
  void complain(std::string_view message) { console_.err << "stackscope verify: " << message << "\n"; }

  ExitCode verify_all(const std::vector<Job>& jobs) {
    const NamedScenario& named = jobs.front().named;
    const VerifyHeading heading{named.name, named.path, scenario_.title, KernelVersion::running().release,
                                std::string(version())};
    console_.out << verify_heading(heading, console_.paint(), console_.width) << std::flush;
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
    return write_json(heading) ? code() : ExitCode::usage;
  }

  ExitCode refuse(const std::vector<Diagnostic>& errors) {
    console_.err << render(errors);
    return ExitCode::usage;
  }

  bool write_json(const VerifyHeading& heading) {
    if (request_.json.empty()) return true;
    std::ofstream file(request_.json, std::ios::binary);
    file << verify_json(heading, results_);
    file.close();
    if (!file) complain(fmt::format("--json: '{}' cannot be written", request_.json));
    return static_cast<bool>(file);
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
  Scenario scenario_;
  Verifier verifier_;
  std::vector<VerifiedVariant> results_;
};

}  // namespace

ExitCode verify_command(const VerifyRequest& request, const Console& console) {
  return Verify(request, console).go();
}

}  // namespace stackscope
