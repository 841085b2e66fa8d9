#include "runner/results/junit.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "runner/results/check_result.hpp"
#include "runner/results/text.hpp"

namespace stackscope {
namespace {

/// The character, or what stands for one that XML 1.0 does not allow at all; no escape helps there.
std::string allowed_in_xml(const CodePoint& point, std::string_view bytes) {
  if (point.value == 0xfffe || point.value == 0xffff) return "\uFFFD";
  return printable(bytes);
}

/// Text for an attribute or an element. Line ends are written as references: a parser would fold them to
/// spaces in an attribute.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint next = front_code_point(text);
    switch (next.value) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += allowed_in_xml(next, text.substr(0, next.bytes));
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

/// Seconds with all nine digits, from integers, so that no rounding differs between machines.
std::string seconds(std::int64_t ns) {
  return fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", escaped(name), escaped(value));
}

std::string properties(std::span<const RunResult> runs, std::string_view version) {
  std::string out = "    <properties>\n" + property("version", version);
  for (const RunResult& run : runs) {
    out += property("seed." + run.variant, std::to_string(run.seed));
    out += property("fingerprint." + run.variant, run.fingerprint);
    if (!run.passed()) out += property("replay." + run.variant, replay_command(run, version));
  }
  return out + "    </properties>\n";
}

std::string_view element_of(CheckResult::Kind kind) {
  return kind == CheckResult::Kind::failed ? "failure" : "error";
}

std::string test_case(const CheckResult& check, std::int64_t ns) {
  std::string out = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{}\"", escaped(check.name),
                                escaped(check.suite), seconds(ns));
  if (check.kind == CheckResult::Kind::held) return out + "/>\n";
  std::string text = check.detail;
  if (!check.position.empty()) text += "\n" + check.position;
  out += fmt::format(">\n      <{0} message=\"{1}\" type=\"{2}\">{3}</{0}>\n", element_of(check.kind),
                     escaped(check.detail), escaped(check.reason), escaped(text));
  return out + "    </testcase>\n";
}

struct Suite {
  std::string cases;
  std::size_t tests = 0, failures = 0, errors = 0;
  std::int64_t simulated_ns = 0;

  void add(const RunResult& run) {
    simulated_ns += run.simulated_ns;
    std::int64_t ns = run.simulated_ns;
    for (const CheckResult& check : checks_of(run)) {
      ++tests;
      failures += check.kind == CheckResult::Kind::failed ? 1 : 0;
      errors += check.kind == CheckResult::Kind::error ? 1 : 0;
      cases += test_case(check, std::exchange(ns, 0));  // the run's own check comes first and takes all of it
    }
  }
};

std::string test_suite(std::span<const RunResult> runs, std::size_t id, std::string_view version) {
  Suite suite;
  for (const RunResult& run : runs) suite.add(run);
  return fmt::format(
             "  <testsuite name=\"{}\" package=\"stackscope\" id=\"{}\" timestamp=\"1970-01-01T00:00:00\" "
             "hostname=\"localhost\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n",
             escaped(runs.front().scenario), id, suite.tests, suite.failures, suite.errors,
             seconds(suite.simulated_ns)) +
         properties(runs, version) + suite.cases + "    <system-out/>\n    <system-err/>\n  </testsuite>\n";
}

}  // namespace

std::string junit_xml(std::span<const RunResult> runs, std::string_view version) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t id = 0; !runs.empty(); ++id) {
    const auto other = std::find_if(runs.begin(), runs.end(), [&](const RunResult& run) {
      return run.scenario != runs.front().scenario;
    });
    const auto count = static_cast<std::size_t>(other - runs.begin());
    out += test_suite(runs.first(count), id, version);
    runs = runs.subspan(count);
  }
  return out + "</testsuites>\n";
}

}  // namespace stackscope
