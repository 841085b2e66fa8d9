#include <algorithm>
#include <fmt/format.h>

#include "runner/capture/pcap_writer.hpp"
#include "runner/commands/commands.hpp"
#include "runner/commands/run_checks.hpp"
#include "runner/lua/lua_run.hpp"
#include "runner/results/check_result.hpp"
#include "sim/fingerprint.hpp"
#include "sim/recording.hpp"

namespace stackscope {

bool is_lua_file(std::string_view path) { return path.ends_with(".lua"); }

namespace {

class RunLua {
 public:
  RunLua(const RunRequest& request, const Console& console) : request_(request), console_(console) {}

  ExitCode go() {
    std::vector<std::string> wrong = unsound_run_options(request_.options);
    if (wrong.empty()) wrong = wants_one_run(request_.options, request_.paths.size());
    if (wrong.empty()) wrong = clashes(request_, request_.paths);
    for (const std::string& path : request_.paths) {
      if (!is_lua_file(path))
        wrong.push_back(fmt::format("'{}' is no Lua file; programs and scenarios want a call each", path));
    }
    for (const std::string& sentence : wrong) complain(sentence);
    if (!wrong.empty()) return ExitCode::usage;
    int worst = 0;
    for (const std::string& path : request_.paths) worst = std::max(worst, static_cast<int>(run(path)));
    return static_cast<ExitCode>(worst);
  }

 private:
  void complain(std::string_view message) { console_.complain(fmt::format("stackscope run: {}", message)); }

  ExitCode run(const std::string& path) {
    const LoadedLua loaded = load_lua(path);
    if (!loaded.error.empty()) {
      complain(fmt::format("'{}': {}", path, loaded.error));
      return ExitCode::usage;
    }
    try {
      const LuaRunOptions how = options();
      const LuaRunResult result =
          request_.on_host ? LuaOnHost().run(loaded.source, how) : run_lua_on_model(loaded.source, how);
      report(result, path);
      return is_expected(result, path) ? static_cast<ExitCode>(result.exit_code) : ExitCode::mismatch;
    } catch (const RecordingError& error) {
      complain(fmt::format("--record: '{}': {}", request_.options.record, error.what()));
      return ExitCode::usage;
    } catch (const PcapError& error) {
      complain(fmt::format("--pcap: '{}': {}", request_.options.pcap, error.what()));
      return ExitCode::usage;
    }
  }

  /// Standard output gets what the program prints there, line by line, and nothing else.
  LuaRunOptions options() const {
    LuaRunOptions options;
    options.record = request_.options.record;
    options.pcap = request_.options.pcap;
    options.deadline = request_.deadline;
    options.seed = request_.options.seed.value_or(1);
    if (!request_.options.until.empty())
      options.until = Duration::ns(parse_quantity(request_.options.until, Dimension::kDuration).value);
    options.on_line = [this](int stream, std::string_view line) {
      std::ostream& out = stream == 1 ? console_.out : console_.err;
      out << line << '\n';
    };
    return options;
  }

  void report(const LuaRunResult& result, const std::string& path) const {
    console_.out.flush();
    for (const std::string& note : result.notes) console_.complain(fmt::format("{}: {}", path, note));
    if (!result.message.empty()) console_.complain(fmt::format("{}: {}", path, result.message));
    for (const StuckThread& thread : result.stuck) {
      console_.err << fmt::format("  {} sleeps in {}\n", thread.thread,
                                  thread.call.empty() ? "no call" : thread.call);
    }
  }

  bool is_expected(const LuaRunResult& result, const std::string& path) const {
    const std::string& wanted = request_.options.expect_fingerprint;
    if (wanted.empty() || Fingerprint::parse(wanted)->text() == result.fingerprint) return true;
    const Mismatch mismatch{"--expect-fingerprint", wanted, result.fingerprint};
    console_.complain(fmt::format("{}: {}", path, outcome_detail(mismatch)));
    return false;
  }

  const RunRequest& request_;
  const Console& console_;
};

}  // namespace

ExitCode run_lua_command(const RunRequest& request, const Console& console) {
  return RunLua(request, console).go();
}

}  // namespace stackscope
