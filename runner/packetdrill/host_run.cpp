#include "runner/packetdrill/host_run.hpp"

#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "measure/real_run.hpp"
#include "runner/packetdrill/kernel_stage.hpp"
#include "runner/packetdrill/player.hpp"

namespace stackscope::packetdrill {

namespace {

constexpr Duration kDeadline = Duration::s(120);

// The player is in another process; what it found comes back in lines on standard error, their first letter says what they are.
enum class Tag : char { kFailure = 'f', kLate = 'l', kWarning = 'w', kNote = 'n', kCannot = 'c' };

void tell(Syscalls& os, Tag tag, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    os.print(STDERR_FILENO, static_cast<char>(tag) + std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

int play(const Script& script, bool is_verbose, Syscalls& os) {
  try {
    KernelStage stage(script.options, os);
    const auto output = [&](std::string_view line) { os.print(STDOUT_FILENO, line); };
    const Played played = Player(script, stage, output, is_verbose).play();
    tell(os, played.is_only_late ? Tag::kLate : Tag::kFailure, played.failure);
    for (const std::string& warning : played.warnings) tell(os, Tag::kWarning, warning);
    for (const std::string& note : played.notes) tell(os, Tag::kNote, note);
  } catch (const std::system_error& error) {
    tell(os, Tag::kCannot, error.what());
  }
  // Threads whose calls have not returned would be waited for.
  os.exit_group(0);
  return 0;
}

void hear(std::string_view line, ScriptResult& result) {
  if (line.empty()) return;
  const std::string text(line.substr(1));
  switch (static_cast<Tag>(line[0])) {
    case Tag::kLate:
      result.is_only_late = true;
      [[fallthrough]];
    case Tag::kFailure:
      result.failure += (result.failure.empty() ? "" : "\n") + text;
      break;
    case Tag::kWarning:
      result.warnings.push_back(text);
      break;
    case Tag::kNote:
      result.notes.push_back(text);
      break;
    case Tag::kCannot:
      result.cannot = text;
      break;
  }
}

void add_outcome(const RealResult& run, ScriptResult& result) {
  if (run.outcome == RealResult::Outcome::kDeadline) {
    result.failure = fmt::format("it has not ended within {} s", kDeadline / Duration::s(1));
  }
  if (run.outcome == RealResult::Outcome::kCannot || !run.own_network) {
    result.cannot = run.notes.empty() ? "there is no network namespace to play in" : run.notes.front();
  }
}

}  // namespace

ScriptResult play_on_host(const Script& script, const ScriptRun& how) {
  ScriptResult result;
  RealProgram program;
  program.name = "packetdrill";
  program.body = [&](Syscalls& os) { return play(script, how.verbose, os); };
  RealOptions options;
  options.deadline = kDeadline;
  options.on_line = [&](int stream, std::string_view line) {
    stream == STDERR_FILENO ? hear(line, result) : how.on_line(line);
  };
  add_outcome(run_real(std::span(&program, 1), options), result);
  return result;
}

}  // namespace stackscope::packetdrill
