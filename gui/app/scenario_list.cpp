#include "gui/app/scenario_list.hpp"

#include <algorithm>
#include <filesystem>

#include "runner/name_checks.hpp"
#include "runner/scenario/diagnostic.hpp"

namespace stackscope::gui {
namespace {

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".toml") files.push_back(at->path().string());
  }
  std::sort(files.begin(), files.end());  // a directory has no order of its own
  return files;
}

ScenarioList::Entry entry_of(const std::string& path) {
  ScenarioList::Entry entry{path, "", {}, ""};
  const LoadedScenario loaded = load_checked_scenario(path);
  if (!loaded.scenario) {
    entry.error = render(loaded.errors);
    return entry;
  }
  entry.title = loaded.scenario->title;
  entry.variants.emplace_back(kBaseline, "as the file has it");
  for (const Variant& variant : loaded.scenario->variants)
    entry.variants.emplace_back(variant.name, variant.title);
  return entry;
}

}  // namespace

const std::vector<ScenarioList::Entry>& ScenarioList::entries() {
  if (entries_) return *entries_;
  entries_.emplace();
  for (const std::string& path : files_of(folder_)) entries_->push_back(entry_of(path));
  return *entries_;
}

}  // namespace stackscope::gui
