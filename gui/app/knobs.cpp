#include "gui/app/knobs.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

std::string path_of(const std::string& set) { return set.substr(0, set.find('=')); }

class Collector {
 public:
  explicit Collector(const Document& document) : document_(document) {}

  void add(const std::string& group, std::span<const Parameter> parameters, const Arguments& arguments) {
    std::vector<Knob> usual;
    for (const Parameter& parameter : parameters) {
      if (!arguments.has(parameter.name)) continue;
      Knob knob = knob_of(group, parameter, arguments.at(parameter.name));
      const bool is_set = knob.is_changed || parameter.required || knob.value != parameter.fallback;
      (is_set ? knobs_ : usual).push_back(std::move(knob));
    }
    knobs_.insert(knobs_.end(), usual.begin(), usual.end());
  }
  std::vector<Knob> take() { return std::move(knobs_); }

 private:
  Knob knob_of(const std::string& group, const Parameter& parameter, const Argument& argument) const {
    Knob knob{fmt::format("{}.{}", group, parameter.name),
              group,
              std::string(parameter.name),
              print_argument(parameter, argument),
              describe_range(parameter),
              parameter.sentence};
    const auto& sets = document_.request().sets;
    knob.is_changed = std::any_of(sets.begin(), sets.end(),
                                  [&](const std::string& set) { return path_of(set) == knob.path; });
    return knob;
  }

  const Document& document_;
  std::vector<Knob> knobs_;
};

}  // namespace

std::vector<Knob> knobs_of(const Document& document) {
  Collector collector(document);
  const ResolvedScenario& scenario = *document.resolved();
  for (const RunSpec& run : scenario.runs) {
    if (run.program != nullptr) collector.add("run." + run.name + ".args", run.program->parameters, run.args);
  }
  for (const HostSpec& host : scenario.hosts) {
    collector.add("host." + host.name, host_parameters(), host.own);
    collector.add("host." + host.name + ".nic", nic_parameters(), host.nic);
    collector.add("host." + host.name + ".sysctl", sysctl_parameters(), host.sysctl);
  }
  for (const PeerSpec& peer : scenario.peers) {
    collector.add("peer." + peer.name, peer_parameters(), peer.own);
    collector.add("peer." + peer.name + ".sysctl", peer_sysctl_parameters(), peer.sysctl);
  }
  for (const LinkSpec& link : scenario.links) collector.add("link." + link.name, link_parameters(), link.own);
  return collector.take();
}

OpenRequest unchanged(const Document& document, const std::string& path) {
  OpenRequest request = document.request();
  std::erase_if(request.sets, [&](const std::string& set) { return path_of(set) == path; });
  return request;
}

Change changed(const Document& document, const std::string& path, const std::string& value) {
  OpenRequest request = unchanged(document, path);
  request.sets.push_back(fmt::format("{}={}", path, value));
  const Resolution resolution = resolve(*document.scenario(), request.variant, request.sets);
  if (resolution.scenario) return {std::move(request), ""};
  return {std::nullopt, resolution.errors.empty() ? "no value for this" : resolution.errors.front().message};
}

Results results_of(const Document& document) {
  Results results;
  if (document.scenario() == nullptr || document.state() != Document::State::kReady) return results;
  const RunResult& result = document.run()->result();
  for (const LocatedText& column : document.scenario()->columns) {
    const auto found = result.metrics.find(column.text);
    if (found == nullptr) continue;
    const Cell cell = cell_of(found->value, found->unit);
    results.emplace_back(column_label(column.text),
                         cell.spread.empty() ? cell.number : cell.number + " " + cell.spread);
  }
  return results;
}

}  // namespace stackscope::gui
