#include "runner/lua/lua_run.hpp"

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "runner/session.hpp"

namespace stackscope {

namespace {

constexpr std::int64_t kMostEvents = 20'000'000;

/// One machine as people have it, and the program alone on it.
ResolvedScenario machine_for(const LuaSource& source, const LuaRunOptions& options) {
  ResolvedScenario scenario;
  scenario.title = source.name;
  scenario.variant = kBaseline;
  scenario.seed = options.seed;
  scenario.limits = {options.until, kMostEvents};
  HostSpec host{"machine", Arguments(host_parameters()), Arguments(nic_parameters()),
                Arguments(sysctl_parameters())};
  host.own.set("cpus", Argument{.kind = ParameterKind::kInteger, .number = 2, .text = {}, .numbers = {}});
  scenario.hosts.push_back(std::move(host));
  RunSpec run;
  run.name = source.name;
  run.lua = make_lua_file(source);
  run.program = &run.lua->spec;
  run.on = "machine";
  scenario.runs.push_back(std::move(run));
  return scenario;
}

LuaRunResult result_of(Session& session) {
  const RunResult run = session.result();
  LuaRunResult result;
  result.fingerprint = run.fingerprint;
  if (const auto* const stuck = std::get_if<NoProgress>(&run.outcome)) {
    result.exit_code = 4;
    result.stuck = stuck->threads;
    result.message = "no progress: every thread sleeps, and nothing can wake one";
  } else if (const auto* const limit = std::get_if<LimitReached>(&run.outcome)) {
    result.exit_code = 4;
    result.message = "given up after " + limit->what;
  } else {
    result.exit_code = session.lua_ends().front().second->exit_code();
  }
  return result;
}

}  // namespace

LuaRunResult run_lua_on_model(const LuaSource& source, const LuaRunOptions& options) {
  SessionOptions how;
  how.keep = options.record.empty() ? Keep::kNothing : Keep::kFile;
  how.file = options.record;
  how.pcap = options.pcap;
  how.on_line = options.on_line;
  std::vector<Diagnostic> errors;
  const std::unique_ptr<Session> session = Session::open(machine_for(source, options), how, errors);
  if (session == nullptr) return {70, {}, "the built-in machine is wrong: " + render(errors), "", {}};
  session->run();
  LuaRunResult result = result_of(*session);
  session->finish();
  return result;
}

}  // namespace stackscope
