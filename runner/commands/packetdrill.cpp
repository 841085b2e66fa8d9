#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "runner/commands/commands.hpp"
#include "runner/commands/in_processes.hpp"
#include "runner/packetdrill/run_script.hpp"

namespace stackscope {

namespace {

using packetdrill::ScriptResult;
using packetdrill::ScriptRun;

constexpr int kTries = 3;

/// What the kernel underneath does late it may well do in time again: the machine has other work. Nor does any other failure there count
/// that does not repeat: where a packet went out late, round trips and what hangs on them are others.
bool is_late_on_host(const ScriptResult& result, bool on_host) { return on_host && result.is_only_late; }

ExitCode code_of(const ScriptResult& result, bool on_host) {
  if (!result.errors.empty()) return ExitCode::usage;
  if (!result.cannot.empty()) return ExitCode::nothing_matched;
  const bool held = result.failure.empty() || is_late_on_host(result, on_host);
  return held ? ExitCode::all_held : ExitCode::expectation_failed;
}

std::string explanation(const ScriptResult& result, bool on_host) {
  std::string out = render(result.errors);
  if (!result.cannot.empty()) out += fmt::format("cannot be played on this machine: {}\n", result.cannot);
  for (const std::string& warning : result.warnings) out += warning + "\n";
  if (result.failure.empty()) return out;
  if (is_late_on_host(result, on_host))
    out += fmt::format("late {} times of {}, not counted: ", kTries, kTries);
  out += result.failure + "\n";
  for (const std::string& note : result.notes) out += "note: " + note + "\n";
  return out;
}

/// As comments of the Test Anything Protocol.
std::string commented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += fmt::format("# {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// What stands in a file; or the error for which that is not known.
std::string read_file(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return !file || file.bad() ? std::strerror(errno) : "";
}

/// What there is to tell of one script.
struct Told {
  ExitCode code = ExitCode::internal_error;
  std::string out, err;

  // Through a pipe: the code, what goes to standard output, a zero, what goes to standard error.
  std::string packed() const { return static_cast<char>(code) + out + '\0' + err; }
  static Told unpacked(const std::string& text) {
    if (text.empty()) return {ExitCode::internal_error, "", "the script's process has died\n"};
    const std::size_t zero = std::min(text.find('\0', 1), text.size());
    return {static_cast<ExitCode>(text[0]), text.substr(1, zero - 1),
            text.substr(std::min(zero + 1, text.size()))};
  }
};

class Playing {
 public:
  explicit Playing(const PacketdrillRequest& request) : request_(request) {
    for (const std::string& option : request.options) {
      const std::size_t equals = std::min(option.find('='), option.size());
      options_.emplace_back(option.substr(0, equals), option.substr(std::min(equals + 1, option.size())));
    }
  }

  Told play(std::size_t number) const {
    Told told;
    const std::string& path = request_.paths[number];
    std::string text;
    if (const std::string error = read_file(path, text); !error.empty()) {
      told.code = ExitCode::usage, told.err = fmt::format("stackscope packetdrill: '{}': {}\n", path, error);
    } else {
      play_text(path, text, told);
    }
    if (request_.tap) {
      const bool held = told.code == ExitCode::all_held;
      const std::string result = fmt::format("{} {} - {}\n", held ? "ok" : "not ok", number + 1, path);
      told.out = commented(told.out) + result + commented(told.err), told.err.clear();
    }
    return told;
  }

 private:
  void play_text(const std::string& path, const std::string& text, Told& told) const {
    ScriptRun how{
        path, options_, request_.dry_run, request_.verbose, request_.on_host, [&](std::string_view line) {
          told.out += fmt::format("{}\n", line);
        }};
    ScriptResult result;
    for (int tries = 0; tries < kTries; ++tries) {
      told.out.clear();
      ScriptResult now = packetdrill::run_script(text, how);
      const bool is_last = !request_.on_host || now.failure.empty();
      // Of tries that all fail one that was not merely late is told.
      if (is_last || tries == 0 || result.is_only_late) result = std::move(now);
      if (is_last) break;
    }
    told.code = code_of(result, request_.on_host);
    told.err = explanation(result, request_.on_host);
  }

  const PacketdrillRequest& request_;
  std::vector<std::pair<std::string, std::string>> options_;
};

}  // namespace

ExitCode packetdrill_command(const PacketdrillRequest& request, const Console& console) {
  const Playing playing(request);
  const std::size_t count = request.paths.size();
  if (request.tap) console.out << fmt::format("TAP version 14\n1..{}\n", count);
  ExitCode worst = ExitCode::all_held;
  bool cannot = false;  // play one of them here; which hides nothing that has failed
  std::size_t failed = 0;
  const auto tell = [&](const Told& told) {
    console.out << told.out << std::flush;
    console.err << told.err;
    if (told.code == ExitCode::nothing_matched) {
      cannot = true;
    } else {
      worst = std::max(worst, told.code);
    }
    failed += told.code != ExitCode::all_held;
  };
  if (request.jobs > 1) {
    in_processes(
        count, request.jobs, [&](std::size_t i) { return playing.play(i).packed(); },
        [&](std::size_t, const std::string& text) { tell(Told::unpacked(text)); });
  } else {
    for (std::size_t i = 0; i < count; ++i) tell(playing.play(i));
  }
  if (!request.tap && count > 1) console.out << fmt::format("{} of {} scripts held\n", count - failed, count);
  return cannot && worst == ExitCode::all_held ? ExitCode::nothing_matched : worst;
}

}  // namespace stackscope
