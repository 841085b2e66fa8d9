#pragma once
// A packetdrill script from its file to its end, on the model or on the kernel underneath.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/scenario/diagnostic.hpp"

namespace stackscope::packetdrill {

struct ScriptRun {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options;  // that count more than the script's own
  bool dry_run = false, verbose = false;
  bool on_host = false;                                // the kernel underneath: needs root
  std::function<void(std::string_view line)> on_line;  // hears what the script prints
};

struct ScriptResult {
  std::vector<Diagnostic> errors = {};     // the script is wrong, and was not played
  std::string cannot = {};                 // why it could not be played on the kernel underneath
  std::string failure = {};                // why it failed; "" where it held
  bool is_only_late = false;               // the failure: what happened was right, but not when
  std::vector<std::string> warnings = {};  // what failed and was not fatal
  std::vector<std::string> notes = {};     // what could not be set of what it sets
};

ScriptResult run_script(const std::string& text, const ScriptRun& how);

}  // namespace stackscope::packetdrill
