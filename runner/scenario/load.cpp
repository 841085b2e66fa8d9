#include <algorithm>
#include <fmt/core.h>
#include <fstream>
#include <iterator>

#include "runner/scenario/sections.hpp"

namespace stackscope {
namespace sections {

ResolvedScenario read_system(const Value& document, Diagnostics& diagnostics) {
  ResolvedScenario system;
  std::vector<Entry> own;
  for (const Entry& entry : document.entries) {
    if (find_parameter(limit_parameters(), entry.key)) own.push_back(entry);
  }
  const Arguments limits = read_arguments({"a scenario", limit_parameters()}, own, document.at, diagnostics);
  system.seed = limits.integer("seed");
  system.limits = {limits.duration("until"), limits.integer("max_events")};
  system.hosts = read_hosts(document, diagnostics);
  system.peers = read_peers(document, diagnostics);
  system.links = read_links(document, system, diagnostics);
  system.runs = read_runs(document, system, diagnostics);
  return system;
}

}  // namespace sections

namespace {

/// Errors that a variant alone has are at the baseline's lines as often as at its own: say which variant it
/// is.
void check_variant(const Scenario& scenario, const Variant& variant,
                   const std::vector<Diagnostic>& of_baseline, Diagnostics& diagnostics) {
  Value document = scenario.document;
  Diagnostics found;
  sections::apply(document, variant.overrides, found);
  sections::read_system(document, found);
  for (Diagnostic& d : found.take()) {
    const auto is_same = [&](const Diagnostic& b) { return b.at == d.at && b.message == d.message; };
    if (std::any_of(of_baseline.begin(), of_baseline.end(), is_same)) continue;
    const bool at_own_line = std::any_of(variant.overrides.begin(), variant.overrides.end(),
                                         [&](const Override& o) { return o.path_at.line == d.at.line; });
    if (!at_own_line) d.message += fmt::format(" (in variant '{}')", variant.name);
    diagnostics.add(std::move(d.at), std::move(d.message), std::move(d.help));
  }
}

void report(std::vector<Diagnostic> found, Diagnostics& diagnostics) {
  for (Diagnostic& d : found) diagnostics.add(std::move(d.at), std::move(d.message), std::move(d.help));
}

/// All --sets as one text, a line each, so that an error's line says which of them it is in.
std::shared_ptr<const Source> source_of(std::span<const std::string> sets) {
  std::string lines;
  for (std::string set : sets) {
    std::replace(set.begin(), set.end(), '\n', ' ');
    lines += set + "\n";
  }
  return std::make_shared<Source>(Source{"--set", std::move(lines), 1});
}

/// "PATH=VALUE" as a change; nothing where there is no path.
std::optional<Override> parse_set(const std::string& text, const std::shared_ptr<const Source>& source,
                                  std::uint32_t line, Diagnostics& diagnostics) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    const auto length = static_cast<std::uint32_t>(std::max<std::size_t>(text.size(), 1));
    diagnostics.add(Span{source, line, 1, length}, fmt::format("'{}' is not PATH=VALUE", text),
                    "for example --set run.workers.args.port=8080");
    return std::nullopt;
  }
  const auto path_length = static_cast<std::uint32_t>(equals);
  const Span path{source, line, 1, path_length};
  const Span value{source, line, path_length + 2, 1};
  return Override{text.substr(0, equals), path,
                  parse_toml_value(std::string_view(text).substr(equals + 1), value)};
}

const Variant* find_variant(const Scenario& scenario, std::string_view name) {
  const auto found = std::find_if(scenario.variants.begin(), scenario.variants.end(),
                                  [&](const Variant& v) { return v.name == name; });
  return found == scenario.variants.end() ? nullptr : &*found;
}

void apply_variant(const Scenario& scenario, std::string_view name, Value& document,
                   Diagnostics& diagnostics) {
  if (name == kBaseline) return;
  const Variant* variant = find_variant(scenario, name);
  if (variant) return sections::apply(document, variant->overrides, diagnostics);
  std::vector<std::string> names{std::string(kBaseline)};
  for (const Variant& known : scenario.variants) names.push_back(known.name);
  const auto source = std::make_shared<Source>(Source{"--variant", std::string(name), 1});
  const auto length = static_cast<std::uint32_t>(std::max<std::size_t>(name.size(), 1));
  diagnostics.add(Span{source, 1, 1, length}, fmt::format("there is no variant '{}'", name),
                  sections::did_you_mean(name, names));
}

}  // namespace

LoadedScenario load_scenario(std::string name, std::string text) {
  const auto source = std::make_shared<Source>(Source{std::move(name), std::move(text), 0});
  Diagnostics diagnostics;
  const std::optional<Value> document = parse_toml(source, diagnostics);
  if (!document) return {std::nullopt, diagnostics.take()};
  Scenario scenario = sections::read_lesson(*document, diagnostics);
  Diagnostics system;
  sections::read_system(*document, system);
  const std::vector<Diagnostic> of_baseline = system.take();
  report(of_baseline, diagnostics);
  for (const Variant& variant : scenario.variants) check_variant(scenario, variant, of_baseline, diagnostics);
  LoadedScenario loaded{std::nullopt, diagnostics.take(), scenario.expectations, scenario.steps};
  if (loaded.errors.empty()) loaded.scenario = std::move(scenario);
  return loaded;
}

LoadedScenario load_scenario_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file && !file.bad()) return load_scenario(path, std::move(text));
  Diagnostics diagnostics;
  diagnostics.add(Span{std::make_shared<Source>(Source{path, "", 0}), 1, 1, 1}, "the file cannot be read");
  return {std::nullopt, diagnostics.take()};
}

Resolution resolve(const Scenario& scenario, std::string_view variant, std::span<const std::string> sets) {
  Diagnostics diagnostics;
  Value document = scenario.document;
  apply_variant(scenario, variant, document, diagnostics);
  std::vector<Override> changes;
  const std::shared_ptr<const Source> source = source_of(sets);
  std::uint32_t line = 0;
  for (const std::string& set : sets) {
    if (auto change = parse_set(set, source, ++line, diagnostics)) {
      Value wrapper;  // a table as a value changes each of its keys, as in a variant
      wrapper.put({change->path, change->path_at, change->value});
      const std::vector<Override> parts = sections::overrides_of(wrapper);
      changes.insert(changes.end(), parts.begin(), parts.end());
    }
  }
  sections::apply(document, changes, diagnostics);
  ResolvedScenario resolved = sections::read_system(document, diagnostics);
  if (!diagnostics.empty()) return {std::nullopt, diagnostics.take()};
  resolved.title = scenario.title;
  resolved.variant = variant;
  return {std::move(resolved), {}};
}

}  // namespace stackscope
