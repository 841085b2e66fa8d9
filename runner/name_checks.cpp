#include "runner/name_checks.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "kernel_model/vocabulary/records.hpp"
#include "runner/results/text.hpp"
#include "runner/scenario/text_place.hpp"
#include "runner/session.hpp"
#include "runner/simulation.hpp"
#include "sim/schema.hpp"
#include "sim/script/lexer.hpp"
#include "sim/suggest.hpp"

namespace stackscope {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Names of the model, gathered once a check.
class Checker {
 public:
  explicit Checker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void expectation(const ExpectSpec& spec, const Names& metrics) {
    if (spec.that.text.empty()) return;  // missing, and said so
    add(spec.that, check_expectation(expectation_of(spec), {metrics, counters_, records_}));
  }

  void steps(const std::vector<LessonStep>& steps) {
    for (const LessonStep& step : steps) {
      if (!step.at.text.empty()) add(step.at, check_moment(step.at.text, records_));
    }
  }

  void metric(const std::string& name, const Span& at, const Names& metrics) {
    if (contains(metrics, name) || contains(counters_, name)) return;
    Names known = metrics;
    known.insert(known.end(), counters_.begin(), counters_.end());
    const std::string near = suggestion(name, known);
    diagnostics_.add(at, fmt::format("no metric or counter is called '{}'", name),
                     near.empty()
                         ? fmt::format("known: {}, and counters as nstat prints them", join(metrics, ", "))
                         : fmt::format("did you mean '{}'?", near));
  }

  /// What stands under the variant's name, and what stands under none.
  void variant(const Scenario& scenario, const ResolvedScenario& resolved) {
    const Names metrics = metric_paths(resolved);
    for (const ExpectSpec& spec : scenario.expectations) {
      if (spec.variant == resolved.variant) expectation(spec, metrics);
    }
    for (const Reference& reference : scenario.references) {
      if (reference.variant == resolved.variant) metric(reference.metric, reference.at, metrics);
    }
    if (resolved.variant != kBaseline) return;  // another variant's programs may lack a column
    for (const LocatedText& column : scenario.columns) metric(column.text, column.at, metrics);
  }

 private:
  void add(const LocatedText& text, const std::vector<script::ScriptError>& errors) {
    for (const script::ScriptError& error : errors) {
      Diagnostic found = in_file(text, error);
      diagnostics_.add(std::move(found.at), std::move(found.message), std::move(found.help));
    }
  }

  Diagnostics& diagnostics_;
  const Names counters_ = counter_names(), records_ = record_names();
};

/// A scenario that runs every program of the catalogue, and so has every metric.
ResolvedScenario all_programs() {
  ResolvedScenario all;
  for (const ProgramSpec& program : programs()) {
    RunSpec run;
    run.name = program.name, run.program = &program, run.on = "host";
    run.args = Arguments(program.parameters);
    all.runs.push_back(std::move(run));
  }
  return all;
}

void check_all_variants(const Scenario& scenario, Checker& checker) {
  std::vector<std::string> variants{std::string(kBaseline)};
  for (const Variant& variant : scenario.variants) variants.push_back(variant.name);
  for (const std::string& variant : variants) {
    if (const Resolution resolution = resolve(scenario, variant, {}); resolution.scenario) {
      checker.variant(scenario, *resolution.scenario);
    }
  }
}

}  // namespace

LoadedScenario load_checked_scenario(const std::string& path) {
  LoadedScenario loaded = load_scenario_file(path);
  Diagnostics diagnostics;
  for (Diagnostic& error : loaded.errors) {
    diagnostics.add(std::move(error.at), std::move(error.message), std::move(error.help));
  }
  Checker checker(diagnostics);
  checker.steps(loaded.steps);
  if (loaded.scenario) {
    check_all_variants(*loaded.scenario, checker);
  } else {
    const Names metrics = metric_paths(all_programs());
    for (const ExpectSpec& spec : loaded.expectations) checker.expectation(spec, metrics);
  }
  loaded.errors = diagnostics.take();
  if (!loaded.errors.empty()) loaded.scenario.reset();
  return loaded;
}

std::vector<Diagnostic> check_names(const Scenario& scenario, const ResolvedScenario& resolved) {
  Diagnostics diagnostics;
  const Names metrics = metric_paths(resolved);
  Checker checker(diagnostics);
  for (const ExpectSpec& spec : scenario.expectations) {
    if (spec.variant == resolved.variant) checker.expectation(spec, metrics);
  }
  return diagnostics.take();
}

std::vector<std::string> record_names() {
  std::vector<std::string> names;
  const Schema schema = Schema::of<Records>();
  for (const KindSchema& kind : schema.kinds()) names.push_back(kind.name);
  return names;
}

Diagnostic in_file(const LocatedText& text, const script::ScriptError& error) {
  if (error.line < 1) return {text.at, error.message, ""};
  std::size_t line_begin = 0;
  for (int line = 1; line < error.line && line_begin != std::string::npos; ++line) {
    line_begin = text.text.find('\n', line_begin);
    line_begin += line_begin == std::string::npos ? 0 : 1;
  }
  if (line_begin == std::string::npos) return {text.at, error.message, ""};
  const std::size_t offset = line_begin + static_cast<std::size_t>(std::max(error.column, 1) - 1);
  std::size_t length = 1;
  for (const script::Token& token : script::tokens_of(text.text)) {
    if (token.offset == offset) length = token.text.size();
  }
  return {place_within(text, offset, length), error.message, ""};
}

Expectation expectation_of(const ExpectSpec& spec) {
  const Span& at = spec.that.at;
  return {spec.that.text,
          spec.variant,
          {at.source ? at.source->name : "", static_cast<int>(at.line), static_cast<int>(at.column)}};
}

}  // namespace stackscope
