#include "runner/fuzz/fuzz.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fmt/format.h>

#include "runner/commands/commands.hpp"
#include "runner/fuzz/maker.hpp"
#include "runner/fuzz/shares.hpp"
#include "runner/lua/lua_run.hpp"

namespace stackscope {

namespace {

LuaRunOptions into(std::vector<std::string>& lines) {
  LuaRunOptions options;
  options.deadline = Duration::s(2);
  options.on_line = [&lines](int stream, std::string_view line) {
    lines.push_back((stream == 1 ? "" : "stderr: ") + std::string(line));
  };
  return options;
}

/// Why a run ended is part of what it did: a thread that sleeps for ever on one kernel should on the other.
KernelOutput output_of(const LuaRunResult& result, std::vector<std::string> lines) {
  if (result.exit_code == 4) lines.emplace_back("(no progress)");
  return {result.exit_code, std::move(lines)};
}

std::string family_names() {
  std::string names;
  for (const FuzzFamily& family : fuzz_families())
    names += (names.empty() ? "" : ", ") + std::string(family.name);
  return names;
}

bool is_family(std::string_view name) {
  return std::ranges::any_of(fuzz_families(),
                             [name](const FuzzFamily& family) { return family.name == name; });
}

FuzzShare fuzz_here(const FuzzRequest& request, const std::function<void(std::uint64_t)>& progress) {
  LuaOnHost host;
  const RunLua model = [](const std::string& lua) {
    std::vector<std::string> lines;
    const LuaRunResult result = run_lua_on_model({"fuzz.lua", lua}, into(lines));
    return output_of(result, std::move(lines));
  };
  const RunLua real = [&host](const std::string& lua) {
    std::vector<std::string> lines;
    const LuaRunResult result = host.run({"fuzz.lua", lua}, into(lines), true);
    return output_of(result, std::move(lines));
  };
  return share_of(fuzz(request, model, real, progress));
}

/// For another process, which put this one up to it.
ExitCode tell_share(const FuzzCommandRequest& request, const Console& console) {
  FuzzRequest part{request.programs, request.seed, request.only};
  if (std::sscanf(request.share.c_str(), "%" SCNu64 "/%" SCNu64, &part.first, &part.step) != 2 ||
      part.step == 0) {
    console.err << fmt::format("stackscope fuzz: --share: '{}' is not I/N\n", request.share);
    return ExitCode::usage;
  }
  const FuzzShare share = fuzz_here(part, [](std::uint64_t) {});
  console.out << to_json(share);
  return share.difference.empty() ? ExitCode::all_held : ExitCode::expectation_failed;
}

}  // namespace

ExitCode fuzz_command(const FuzzCommandRequest& request, const Console& console) {
  if (!request.only.empty() && !is_family(request.only)) {
    console.err << fmt::format("stackscope fuzz: there is no family '{}'; there are {}\n", request.only,
                               family_names());
    return ExitCode::usage;
  }
  if (!request.share.empty()) return tell_share(request, console);
  console.out << fmt::format("seed {}\n", request.seed) << std::flush;
  const FuzzRequest all{request.programs, request.seed, request.only};
  const auto progress = [&](std::uint64_t done) {
    if (done % 16 == 0) console.progress(fmt::format("{} of {} programs", done, request.programs));
  };
  const FuzzShare share =
      request.processes > 1 ? fuzz_in_processes(all, request.processes) : fuzz_here(all, progress);
  console.clear_progress();
  console.out << coverage_table(share.coverage, request.at_least);
  console.out << fmt::format("{} programs, {} of them unsteady on the real kernel and not judged\n",
                             share.programs, share.unsteady);
  if (share.difference.empty()) return console.out << "no difference\n", ExitCode::all_held;
  console.out << "\nA difference:\n\n" << share.difference;
  return ExitCode::expectation_failed;
}

}  // namespace stackscope
