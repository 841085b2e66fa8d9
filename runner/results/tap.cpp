#include "runner/results/tap.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runner/results/check_result.hpp"
#include "runner/results/text.hpp"

namespace stackscope {
namespace {

/// In a description '#' would begin a directive and '\' an escape.
std::string description(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '#' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string diagnosis(const CheckResult& check, std::string_view replay) {
  std::string out = fmt::format("  ---\n  message: {}\n  severity: {}\n", json_string(check.detail),
                                check.kind == CheckResult::Kind::failed ? "fail" : "error");
  if (!check.position.empty()) out += fmt::format("  at: {}\n", json_string(check.position));
  if (!replay.empty()) out += fmt::format("  replay: {}\n", json_string(replay));
  return out + "  ...\n";
}

/// The lines, and how many tests they are.
class Lines {
 public:
  void add(const CheckResult& check, std::string_view replay) {
    const bool held = check.kind == CheckResult::Kind::held;
    lines_ += fmt::format("{} {} - {}: {}\n", held ? "ok" : "not ok", ++number_, description(check.suite),
                          description(check.name));
    if (!held) lines_ += diagnosis(check, replay);
  }
  std::string text() const { return fmt::format("TAP version 14\n1..{}\n{}", number_, lines_); }

 private:
  std::string lines_;
  std::size_t number_ = 0;
};

}  // namespace

std::string tap(std::span<const RunResult> runs, std::string_view version, std::span<const NotRun> not_run) {
  Lines lines;
  for (const RunResult& run : runs) {
    for (const CheckResult& check : checks_of(run)) lines.add(check, replay_command(run, version));
  }
  for (const NotRun& one : not_run) lines.add(check_of(one), "");
  return lines.text();
}

}  // namespace stackscope
