#include "runner/results/check_result.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "runner/results/text.hpp"

namespace stackscope {
namespace {

constexpr std::string_view kRunsToItsEnd = "runs to its end";

struct NameOf {
  std::string_view operator()(const Completed&) const { return "completed"; }
  std::string_view operator()(const LimitReached&) const { return "limit"; }
  std::string_view operator()(const NoProgress&) const { return "no progress"; }
  std::string_view operator()(const Mismatch&) const { return "mismatch"; }
  std::string_view operator()(const InternalError&) const { return "internal error"; }
};

struct DetailOf {
  std::string operator()(const Completed&) const { return ""; }
  std::string operator()(const LimitReached& limit) const { return "a limit was reached: " + limit.what; }
  std::string operator()(const NoProgress& stuck) const {
    std::vector<std::string> waiting;
    for (const StuckThread& thread : stuck.threads) {
      waiting.push_back(fmt::format("{} in {}", thread.thread, thread.call));
    }
    return "nothing can make progress: " + (waiting.empty() ? "no thread is left" : join(waiting, ", "));
  }
  std::string operator()(const Mismatch& mismatch) const {
    return fmt::format("{}: expected {}, found {}", mismatch.what, mismatch.expected, mismatch.found);
  }
  std::string operator()(const InternalError& error) const {
    return fmt::format("an error of stackscope itself, please report it: {}", error.what);
  }
};

bool is_safe_in_a_shell(char c) {
  static constexpr std::string_view kSafe = "_-./:=,+@%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kSafe.find(c) != std::string_view::npos;
}

std::string shell_quoted(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_safe_in_a_shell)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace

std::string_view outcome_name(const Outcome& outcome) { return std::visit(NameOf{}, outcome); }

std::string outcome_detail(const Outcome& outcome) { return std::visit(DetailOf{}, outcome); }

std::vector<CheckResult> checks_of(const RunResult& run) {
  const std::string suite = fmt::format("{}.{}", run.scenario, run.variant);
  const std::string reason(outcome_name(run.outcome)), detail = outcome_detail(run.outcome);
  std::vector<CheckResult> checks;
  if (run.ended()) {
    checks.push_back({suite, std::string(kRunsToItsEnd), CheckResult::Kind::held, "completed", "", ""});
  } else {
    checks.push_back({suite, std::string(kRunsToItsEnd), CheckResult::Kind::error, reason, detail, ""});
  }
  if (run.ended() && !run.completed()) {
    checks.push_back({suite, "is the same run", CheckResult::Kind::failed, reason, detail, ""});
  }
  for (const CheckedExpectation& expectation : run.expectations) {
    checks.push_back({suite, expectation.that,
                      expectation.passed ? CheckResult::Kind::held : CheckResult::Kind::failed, "expectation",
                      expectation.passed ? "" : expectation.detail, expectation.position});
  }
  return checks;
}

CheckResult check_of(const NotRun& not_run) {
  std::vector<std::string> lines;
  for (const NotRun::Problem& problem : not_run.problems) {
    lines.push_back((problem.position.empty() ? "" : problem.position + ": ") + problem.message +
                    (problem.help.empty() ? "" : "; " + problem.help));
  }
  const std::string suite = not_run.scenario + (not_run.variant.empty() ? "" : "." + not_run.variant);
  return {suite, std::string(kRunsToItsEnd), CheckResult::Kind::error, not_run.reason, join(lines, "\n"), ""};
}

std::string replay_command(const RunResult& run, std::string_view version) {
  std::string command = "stackscope run " + shell_quoted(run.path.empty() ? run.scenario : run.path);
  command += fmt::format(" --variant {} --seed {}", shell_quoted(run.variant), run.seed);
  for (const std::string& argument : run.arguments) command += " " + shell_quoted(argument);
  return command + fmt::format("  # stackscope {}", version);
}

const RunResult* first_failure(std::span<const RunResult> runs) {
  const auto failed =
      std::find_if(runs.begin(), runs.end(), [](const RunResult& run) { return !run.passed(); });
  return failed == runs.end() ? nullptr : &*failed;
}

}  // namespace stackscope
