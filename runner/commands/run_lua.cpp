#include <algorithm>
#include <fmt/format.h>

#include "runner/commands/commands.hpp"
#include "runner/lua/lua_run.hpp"

namespace stackscope {

bool is_lua_file(std::string_view path) { return path.ends_with(".lua"); }

namespace {

/// Standard output gets what the program prints there, line by line, and nothing else.
LuaRunOptions options_of(const RunRequest& request, const Console& console) {
  LuaRunOptions options;
  options.record = request.options.record;
  options.deadline = request.deadline;
  options.seed = request.options.seed.value_or(1);
  options.on_line = [&console](int stream, std::string_view line) {
    std::ostream& out = stream == 1 ? console.out : console.err;
    out << line << '\n';
  };
  return options;
}

void report(const LuaRunResult& result, const std::string& path, const Console& console) {
  console.out.flush();
  for (const std::string& note : result.notes) console.err << fmt::format("{}: {}\n", path, note);
  if (!result.message.empty()) console.err << fmt::format("{}: {}\n", path, result.message);
  for (const StuckThread& thread : result.stuck) {
    console.err << fmt::format("  {} sleeps in {}\n", thread.thread,
                               thread.call.empty() ? "no call" : thread.call);
  }
}

}  // namespace

ExitCode run_lua_command(const RunRequest& request, const Console& console) {
  if (request.on_host && !request.options.record.empty()) {
    console.err << "stackscope run: --record wants the model; programs on the host are not recorded yet\n";
    return ExitCode::usage;
  }
  int worst = 0;
  for (const std::string& path : request.paths) {
    if (!is_lua_file(path)) {
      console.err << fmt::format(
          "stackscope run: '{}' is no Lua file; programs and scenarios want a call each\n", path);
      return ExitCode::usage;
    }
    const LoadedLua loaded = load_lua(path);
    if (!loaded.error.empty()) {
      console.err << fmt::format("stackscope run: '{}': {}\n", path, loaded.error);
      return ExitCode::usage;
    }
    const LuaRunOptions options = options_of(request, console);
    const LuaRunResult result =
        request.on_host ? LuaOnHost().run(loaded.source, options) : run_lua_on_model(loaded.source, options);
    report(result, path, console);
    worst = std::max(worst, result.exit_code);
  }
  return static_cast<ExitCode>(worst);
}

}  // namespace stackscope
