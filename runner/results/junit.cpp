#include "runner/results/junit.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

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

/// What there is to say of one scenario.
class Suite {
 public:
  Suite(std::string name, std::string version) : name_(std::move(name)), version_(std::move(version)) {}
  const std::string& name() const { return name_; }

  void add(const RunResult& run) {
    simulated_ns_ += run.simulated_ns;
    std::int64_t ns = run.simulated_ns;
    for (const CheckResult& check : checks_of(run))
      add(check, std::exchange(ns, 0));  // the run's own check comes first and takes all of it
    properties_ += property("seed." + run.variant, std::to_string(run.seed));
    properties_ += property("fingerprint." + run.variant, run.fingerprint);
    if (!run.passed()) properties_ += property("replay." + run.variant, replay_command(run, version_));
  }
  void add(const CheckResult& check, std::int64_t ns) {
    ++tests_;
    failures_ += check.kind == CheckResult::Kind::failed ? 1 : 0;
    errors_ += check.kind == CheckResult::Kind::error ? 1 : 0;
    cases_ += test_case(check, ns);
  }

  std::string text(std::size_t id) const {
    return fmt::format(
               "  <testsuite name=\"{}\" package=\"stackscope\" id=\"{}\" timestamp=\"1970-01-01T00:00:00\" "
               "hostname=\"localhost\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n",
               escaped(name_), id, tests_, failures_, errors_, seconds(simulated_ns_)) +
           "    <properties>\n" + property("version", version_) + properties_ + "    </properties>\n" +
           cases_ + "    <system-out/>\n    <system-err/>\n  </testsuite>\n";
  }

 private:
  std::string name_, version_, cases_, properties_;
  std::size_t tests_ = 0, failures_ = 0, errors_ = 0;
  std::int64_t simulated_ns_ = 0;
};

}  // namespace

std::string junit_xml(std::span<const RunResult> runs, std::string_view version,
                      std::span<const NotRun> not_run) {
  std::vector<Suite> suites;
  const auto suite = [&](const std::string& name) -> Suite& {
    const auto known =
        std::find_if(suites.begin(), suites.end(), [&](const Suite& one) { return one.name() == name; });
    return known != suites.end() ? *known : suites.emplace_back(name, std::string(version));
  };
  for (const RunResult& run : runs) suite(run.scenario).add(run);
  for (const NotRun& one : not_run) suite(one.scenario).add(check_of(one), 0);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t id = 0; id < suites.size(); ++id) out += suites[id].text(id);
  return out + "</testsuites>\n";
}

}  // namespace stackscope
