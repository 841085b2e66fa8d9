#include "runner/results/tap.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runner/results/text.hpp"
#include "runner/results/verdict.hpp"

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

std::string diagnosis(const Verdict& verdict, std::string_view replay) {
  std::string out = fmt::format("  ---\n  message: {}\n  severity: {}\n", json_string(verdict.detail),
                                verdict.kind == Verdict::Kind::failed ? "fail" : "error");
  if (!verdict.position.empty()) out += fmt::format("  at: {}\n", json_string(verdict.position));
  return out + fmt::format("  replay: {}\n  ...\n", json_string(replay));
}

}  // namespace

std::string tap(std::span<const RunResult> runs, std::string_view version) {
  std::string lines;
  std::size_t number = 0;
  for (const RunResult& run : runs) {
    for (const Verdict& verdict : verdicts_of(run)) {
      const bool held = verdict.kind == Verdict::Kind::held;
      lines += fmt::format("{} {} - {}: {}\n", held ? "ok" : "not ok", ++number, description(verdict.suite),
                           description(verdict.name));
      if (!held) lines += diagnosis(verdict, replay_command(run, version));
    }
  }
  return fmt::format("TAP version 14\n1..{}\n{}", number, lines);
}

}  // namespace stackscope
