#pragma once
// Everything that can be set in what is open, from the parameter tables; and what a change would be.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gui/app/document.hpp"

namespace stackscope::gui {

struct Knob {
  std::string path;   // "host.server.cpus": as --set has it
  std::string group;  // "host.server"
  std::string name;   // "cpus"
  std::string value;  // as a person writes it
  std::string range;  // "1 to 64 CPUs; default 1"
  std::string_view sentence;
  bool is_changed = false;  // by one of the document's sets
};

/// Of every host, peer, link and run; those that the scenario or a change sets first within their group.
/// REQUIRES: the document has a resolved scenario.
std::vector<Knob> knobs_of(const Document& document);

/// The request that has this knob at `value`; nothing and the reason where that is no value for it.
struct Change {
  std::optional<OpenRequest> request;
  std::string error;
};
Change changed(const Document& document, const std::string& path, const std::string& value);
/// The request without that change.
OpenRequest unchanged(const Document& document, const std::string& path);

/// The scenario's columns as its result table shows them: label and text. Empty for a recording, and while it runs.
using Results = std::vector<std::pair<std::string, std::string>>;
Results results_of(const Document& document);

}  // namespace stackscope::gui
