#pragma once
// A packetdrill script from its file to its end, on the model.

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
  std::function<void(std::string_view line)> on_line;  // hears what the script prints
};

struct ScriptResult {
  std::vector<Diagnostic> errors;     // the script is wrong, and was not played
  std::string failure;                // why it failed; "" where it held
  std::vector<std::string> warnings;  // what failed and was not fatal
  std::vector<std::string> notes;     // what the model lacks of what it has set
};

ScriptResult run_script(const std::string& text, const ScriptRun& how);

}  // namespace stackscope::packetdrill
