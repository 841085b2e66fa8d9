#include "runner/packetdrill/run_script.hpp"

#include <linux/tcp.h>
#include <variant>

#include "runner/packetdrill/host_run.hpp"
#include "runner/packetdrill/model_stage.hpp"
#include "runner/packetdrill/player.hpp"

namespace stackscope::packetdrill {

namespace {

/// What the grammar does not say: commands that nobody knows, and code that is no Python that is understood here.
std::vector<Diagnostic> check(const Script& script) {
  Diagnostics wrong;
  SnippetNames names;
  add_tcp_info(tcp_info{}, names);
  const auto look = [&](const Step& step) {
    if (const auto* const command = std::get_if<Command>(&step.what)) {
      const ReadCommand read = read_command(command->line);
      if (read.complaint) wrong.add(step.what_at, read.complaint->message, read.complaint->help);
    } else if (const auto* const code = std::get_if<Code>(&step.what)) {
      if (std::string error = check_snippet(code->text, names); !error.empty())
        wrong.add(step.what_at, error);
    }
  };
  if (script.init) look(*script.init);
  for (const Step& step : script.steps) look(step);
  if (script.cleanup) look(*script.cleanup);
  return wrong.take();
}

}  // namespace

ScriptResult run_script(const std::string& text, const ScriptRun& how) {
  const ParsedScript parsed = parse(std::make_shared<const Source>(Source{how.name, text, 0}), how.options);
  if (!parsed.errors.empty()) return ScriptResult{parsed.errors};
  if (std::vector<Diagnostic> wrong = check(parsed.script); !wrong.empty())
    return ScriptResult{std::move(wrong)};
  if (how.dry_run) return {};
  if (how.on_host) return play_on_host(parsed.script, how);
  ModelStage stage(parsed.script.options);
  Played played = Player(parsed.script, stage, how.on_line, how.verbose).play();
  ScriptResult result;
  result.failure = std::move(played.failure), result.is_only_late = played.is_only_late;
  result.warnings = std::move(played.warnings), result.notes = std::move(played.notes);
  return result;
}

}  // namespace stackscope::packetdrill
