#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "runner/commands/commands.hpp"
#include "runner/results/listing.hpp"
#include "runner/scenario/sections.hpp"
#include "runner/selection.hpp"
#include "userland/catalogue.hpp"

namespace stackscope {
namespace {

std::string_view unit_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case ParameterKind::kInteger:
      return parameter.unit.empty() ? "number" : parameter.unit;
    case ParameterKind::kIntegers:
      return "numbers";
    case ParameterKind::kFlag:
      return "flag";
    case ParameterKind::kChoice:
      return "word";
    case ParameterKind::kText:
      return "text";
    case ParameterKind::kDuration:
      return "duration";
    case ParameterKind::kSize:
      return "size";
    case ParameterKind::kRate:
      return "rate";
    case ParameterKind::kAddress:
      return "address";
  }
  return "";
}

std::string written(const Parameter& parameter, std::int64_t number) {
  return print_argument(parameter, Argument{parameter.kind, number, {}, {number}, false});
}

std::string range_of(const Parameter& p) {
  if (!p.choices.empty()) return join(choices_of(p), " | ");
  if (p.kind == ParameterKind::kFlag) return "true | false";
  if (p.kind == ParameterKind::kText) return "";
  if (p.kind == ParameterKind::kAddress) return "HOST:PORT";
  std::string range = p.max == INT64_MAX ? "at least " + written(p, p.min)
                                         : fmt::format("{} to {}", written(p, p.min), written(p, p.max));
  return p.word.empty() ? range : fmt::format("{}, {}", range, p.word);
}

ListedKnob knob_of(const Parameter& parameter) {
  return {std::string(parameter.name),
          std::string(unit_of(parameter)),
          range_of(parameter),
          parameter.required ? "required" : std::string(parameter.fallback),
          std::string(parameter.sentence),
          parameter.changeable ? "any time" : "before the run"};
}

std::vector<ListedKnob> knobs_of(std::span<const Parameter> parameters) {
  std::vector<ListedKnob> knobs;
  for (const Parameter& parameter : parameters) knobs.push_back(knob_of(parameter));
  return knobs;
}

/// What --set and variants can change, under the paths by which they do: the group's, and behind it the knob's.
struct KnobGroup {
  std::string path;
  std::vector<ListedKnob> knobs;
};

std::vector<KnobGroup> all_knobs() {
  std::vector<KnobGroup> groups{{"", knobs_of(sections::limit_parameters())},
                                {"host.NAME.", knobs_of(host_parameters())},
                                {"host.NAME.nic.", knobs_of(nic_parameters())},
                                {"host.NAME.sysctl.", knobs_of(sysctl_parameters())},
                                {"peer.NAME.", knobs_of(peer_parameters())},
                                {"peer.NAME.sysctl.", knobs_of(peer_sysctl_parameters())},
                                {"link.NAME.", knobs_of(link_parameters())},
                                {"run.NAME.", knobs_of(sections::run_parameters())}};
  std::erase_if(groups.back().knobs, [](const ListedKnob& knob) { return knob.name == "name"; });
  return groups;
}

std::string all_knob_lists(const Console& console) {
  std::string out;
  for (const KnobGroup& group : all_knobs()) {
    if (group.knobs.empty()) continue;
    if (!group.path.empty()) out += "\n" + console.paint().bold(group.path) + "\n";
    out += knob_list(group.knobs, console.paint(), console.width);
  }
  return out;
}

std::vector<ListedProgram> all_programs() {
  std::vector<ListedProgram> listed;
  for (const ProgramSpec& program : programs()) {
    std::string sentence(program.sentence);
    if (program.runs_on_peers()) sentence += " Also runs on a peer.";
    listed.push_back({std::string(program.name), std::move(sentence), knobs_of(program.parameters)});
  }
  return listed;
}

ListedScenario listed(const std::string& name, const std::string& path, const Scenario& scenario) {
  ListedScenario entry{name, path, scenario.title, scenario.lesson, scenario.symptoms, {}};
  if (!scenario.variants.empty()) entry.variants.emplace_back(kBaseline);
  for (const Variant& variant : scenario.variants) entry.variants.push_back(variant.name);
  return entry;
}

ExitCode list_scenarios(const ListRequest& request, const Console& console) {
  const auto complain = [&](std::string_view message) {
    console.err << "stackscope list: " << message << "\n";
  };
  if (!std::filesystem::is_directory(request.folder)) {
    complain(fmt::format("there is no folder '{}' here; say where scenarios are with --dir", request.folder));
    return ExitCode::nothing_matched;
  }
  const FoundFiles found = find_scenario_files(std::vector<std::string>{request.folder});
  const std::vector<std::string> names = scenario_names(found.files);
  std::vector<ListedScenario> scenarios;
  bool all_read = true;
  for (std::size_t i = 0; i < found.files.size(); ++i) {
    const LoadedScenario loaded = load_scenario_file(found.files[i]);
    if (loaded.scenario) scenarios.push_back(listed(names[i], found.files[i], *loaded.scenario));
    console.err << render(loaded.errors);
    all_read &= loaded.scenario.has_value();
  }
  if (!request.symptom.empty()) scenarios = ranked_by_symptom(scenarios, request.symptom);
  console.out << scenario_list(scenarios, console.paint(), console.width);
  if (!all_read) return ExitCode::usage;
  if (!scenarios.empty()) return ExitCode::all_held;
  complain(request.symptom.empty() ? fmt::format("no scenario is in '{}'", request.folder)
                                   : fmt::format("no scenario speaks of '{}'", request.symptom));
  return ExitCode::nothing_matched;
}

}  // namespace

ExitCode list_command(const ListRequest& request, const Console& console) {
  switch (request.what) {
    case ListRequest::What::kScenarios:
      return list_scenarios(request, console);
    case ListRequest::What::kPrograms:
      console.out << program_list(all_programs(), console.paint(), console.width);
      break;
    case ListRequest::What::kKnobs:
      console.out << all_knob_lists(console);
      break;
    case ListRequest::What::kSchema:
      console.out << scenario_json_schema();
      break;
  }
  return ExitCode::all_held;
}

}  // namespace stackscope
