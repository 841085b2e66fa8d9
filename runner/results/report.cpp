// What stands above and below the metrics: title, failures, totals, replay.

#include <algorithm>
#include <fmt/format.h>

#include "runner/results/cells.hpp"
#include "runner/results/check_result.hpp"
#include "runner/results/table.hpp"

namespace stackscope {
namespace {

constexpr int kDetailIndent = 4;

std::string title(const RunResult& run, std::string_view version, Paint paint, int width) {
  std::string out;
  const std::string heading = run.title.empty() ? run.scenario : run.title;
  for (const std::string& line : wrap(printable(heading), width)) out += paint.bold(line) + "\n";
  for (const std::string& line : wrap(printable(run.lesson), width)) out += line + "\n";
  const std::string origin = fmt::format("{} · seed {} · stackscope {}",
                                         run.path.empty() ? run.scenario : run.path, run.seed, version);
  return out + paint.dim(elide_middle(printable(origin), width)) + "\n\n";
}

std::string indented(std::string_view text, int indent, int width) {
  std::string out;
  for (const std::string& line : wrap(printable(text), width - indent)) {
    out += std::string(static_cast<std::size_t>(indent), ' ') + line + "\n";
  }
  return out;
}

/// "✘ shared: kernel_wakeups_per_connection.mean == 2", what was found, and where the expectation stands.
std::string failure(const RunResult& run, const CheckResult& check, Paint paint, int width) {
  std::string out;
  const bool is_of_the_run = check.reason != "expectation";  // its name says nothing that the detail does not
  const std::string name = fmt::format("{}: {}", run.variant, is_of_the_run ? check.detail : check.name);
  for (const std::string& line : wrap(printable(name), width - 2)) {
    out += (out.empty() ? paint.bad("✘") + " " : "  ") + line + "\n";
  }
  if (is_of_the_run) return out;
  out += indented(check.detail, kDetailIndent, width);
  const std::string position = elide_middle(printable(check.position), width - kDetailIndent);
  return out + std::string(kDetailIndent, ' ') + paint.dim(position) + "\n";
}

std::string failures(std::span<const RunResult> runs, Paint paint, int width) {
  std::string out;
  for (const RunResult& run : runs) {
    for (const CheckResult& check : checks_of(run)) {
      if (check.kind != CheckResult::Kind::held) out += failure(run, check, paint, width);
    }
  }
  return out.empty() ? out : "\n" + out;
}

/// What programs said of their failures, and what else should be known; the same note of many variants once.
std::string notes(std::span<const RunResult> runs, Paint paint, int width) {
  std::vector<std::string> said;
  std::string out;
  for (const RunResult& run : runs) {
    for (const std::string& note : run.notes) {
      if (std::find(said.begin(), said.end(), note) != said.end()) continue;
      said.push_back(note);
      for (const std::string& line : wrap(printable("note: " + note), width)) out += paint.dim(line) + "\n";
    }
  }
  return out.empty() ? out : "\n" + out;
}

/// How to read the spreads, where there are any.
std::string legend(std::span<const RunResult> runs, Paint paint) {
  bool range = false, percentiles = false, by_name = false;
  for (const RunResult& run : runs) {
    for (const auto& [name, metric] : run.metrics) {
      const Cell cell = cell_of(metric.value);
      const std::string_view spread = cell.spread;
      range |= spread.starts_with('(');
      percentiles |= spread.starts_with('[');
      by_name |= spread.starts_with("×");
    }
  }
  std::vector<std::string> parts;
  if (range) parts.emplace_back("mean (least–most)");
  if (percentiles) parts.emplace_back("mean [p50–p99]");
  if (by_name) parts.emplace_back("×n: shared by n");
  return parts.empty() ? "" : paint.dim(join(parts, " · ")) + "\n";
}

std::string totals(std::span<const RunResult> runs, Paint paint, int width) {
  std::size_t expectations = 0, failed = 0, unfinished = 0, others = 0;
  std::uint64_t events = 0;
  std::int64_t simulated_ns = 0;
  for (const RunResult& run : runs) {
    expectations += run.expectations.size(), failed += run.failed_expectations();
    unfinished += run.ended() ? 0 : 1;
    others += run.ended() && !run.completed() ? 1 : 0;
    events += run.events, simulated_ns += run.simulated_ns;
  }
  const bool good = failed == 0 && unfinished == 0 && others == 0;
  std::string held = fmt::format("{} of {} expectations hold", expectations - failed, expectations);
  if (expectations == 0) held = "nothing was expected";
  if (unfinished > 0) held += fmt::format(" · {} of {} runs did not finish", unfinished, runs.size());
  if (others > 0) held += fmt::format(" · {} of {} runs differ from the expected ones", others, runs.size());
  std::vector<std::string> more{short_duration(simulated_ns) + " simulated",
                                grouped(static_cast<std::int64_t>(events)) + " events"};
  if (runs.size() == 1) more.push_back(printable(runs.front().fingerprint));
  std::string rest;
  for (const std::string& part : more) {
    if (2 + display_width(held + rest) + 3 + display_width(part) <= width) rest += " · " + part;
  }
  return (good ? paint.good("✔ " + held) : paint.bad("✘ " + held)) + paint.dim(rest) + "\n";
}

}  // namespace

std::string scenario_report(std::span<const RunResult> runs, std::string_view version, Paint paint,
                            int width) {
  std::string out = title(runs.front(), version, paint, width) + metric_table(runs, paint, width);
  out += legend(runs, paint) + failures(runs, paint, width) + notes(runs, paint, width);
  out += "\n" + totals(runs, paint, width);
  if (const RunResult* failed = first_failure(runs)) out += replay_command(*failed, version) + "\n";
  return out;
}

}  // namespace stackscope
