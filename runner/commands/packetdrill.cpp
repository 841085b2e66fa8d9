#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "runner/commands/commands.hpp"
#include "runner/packetdrill/run_script.hpp"

namespace stackscope {

namespace {

using packetdrill::ScriptResult;

/// 0, 1 or 2, as the exit code.
ExitCode code_of(const ScriptResult& result) {
  if (!result.errors.empty()) return ExitCode::usage;
  return result.failure.empty() ? ExitCode::all_held : ExitCode::expectation_failed;
}

std::string explanation(const ScriptResult& result) {
  std::string out = render(result.errors);
  for (const std::string& warning : result.warnings) out += warning + "\n";
  if (!result.failure.empty()) {
    out += result.failure + "\n";
    for (const std::string& note : result.notes) out += "note: " + note + "\n";
  }
  return out;
}

void tell_tap(std::size_t number, const std::string& path, const ScriptResult& result,
              const Console& console) {
  const bool held = code_of(result) == ExitCode::all_held;
  console.out << fmt::format("{} {} - {}\n", held ? "ok" : "not ok", number, path);
  std::string text = explanation(result);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    console.out << "# " << text.substr(at, end - at) << '\n';
    at = end + 1;
  }
}

/// What stands in a file; or the error for which that is not known.
std::string read_file(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return !file || file.bad() ? std::strerror(errno) : "";
}

}  // namespace

ExitCode packetdrill_command(const PacketdrillRequest& request, const Console& console) {
  packetdrill::ScriptRun how;
  how.dry_run = request.dry_run, how.verbose = request.verbose;
  how.on_line = [&](std::string_view line) { console.out << (request.tap ? "# " : "") << line << '\n'; };
  for (const std::string& option : request.options) {
    const std::size_t equals = std::min(option.find('='), option.size());
    how.options.emplace_back(option.substr(0, equals), option.substr(std::min(equals + 1, option.size())));
  }
  if (request.tap) console.out << fmt::format("TAP version 14\n1..{}\n", request.paths.size());
  ExitCode worst = ExitCode::all_held;
  std::size_t number = 0, failed = 0;
  for (const std::string& path : request.paths) {
    std::string text;
    if (const std::string error = read_file(path, text); !error.empty()) {
      console.err << fmt::format("stackscope packetdrill: '{}': {}\n", path, error);
      return ExitCode::usage;
    }
    how.name = path;
    const ScriptResult result = packetdrill::run_script(text, how);
    worst = std::max(worst, code_of(result));
    failed += code_of(result) != ExitCode::all_held;
    request.tap ? tell_tap(++number, path, result, console) : void(console.err << explanation(result));
  }
  if (!request.tap && request.paths.size() > 1) {
    console.out << fmt::format("{} of {} scripts held\n", request.paths.size() - failed,
                               request.paths.size());
  }
  return worst;
}

}  // namespace stackscope
