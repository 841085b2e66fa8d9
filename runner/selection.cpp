#include "runner/selection.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <set>

#include "runner/results/text.hpp"
#include "sim/suggest.hpp"

namespace stackscope {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scenarios_below(const std::string& folder) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".toml")
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The files that somebody may have meant who wrote `path`: what lies beside it, and what lies in scenarios/.
std::string no_such_file(const std::string& path) {
  std::vector<std::string> known;
  std::error_code ignored;
  const fs::path beside = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  for (const fs::path& folder : {beside, fs::path("scenarios")}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".toml") known.push_back(entry.path().lexically_normal().string());
    }
  }
  std::sort(known.begin(), known.end());
  const std::string name = fs::path(path).stem().string();
  const auto same_name = std::find_if(known.begin(), known.end(),
                                      [&](const std::string& file) { return fs::path(file).stem() == name; });
  const std::string near = same_name != known.end() ? *same_name : suggestion(path, known);
  return fmt::format("there is no file or folder '{}'{}", path,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

std::vector<std::string> variants_of(const Scenario& scenario) {
  std::vector<std::string> names{std::string(kBaseline)};
  for (const Variant& variant : scenario.variants) names.push_back(variant.name);
  return names;
}

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string no_such_variant(const std::string& wrong, const std::vector<std::string>& known) {
  const std::string near = suggestion(wrong, known);
  const std::string help =
      near.empty() ? fmt::format("there are {}", join(known, ", ")) : fmt::format("did you mean '{}'?", near);
  return fmt::format("there is no variant '{}'; {}", wrong, help);
}

}  // namespace

FoundFiles find_scenario_files(std::span<const std::string> paths) {
  FoundFiles found;
  std::set<fs::path> seen;
  const auto take = [&](const std::string& file) {
    if (seen.insert(fs::weakly_canonical(file)).second) found.files.push_back(file);
  };
  for (const std::string& path : paths) {
    try {
      if (!fs::exists(path)) {
        found.errors.push_back({path, no_such_file(path)});
      } else if (fs::is_directory(path)) {
        const std::vector<std::string> files = scenarios_below(path);
        if (files.empty()) found.empty_folders.push_back(path);
        for (const std::string& file : files) take(file);
      } else {
        take(path);
      }
    } catch (const fs::filesystem_error& error) {
      found.errors.push_back({path, fmt::format("'{}' cannot be read: {}", path, error.code().message())});
    }
  }
  return found;
}

std::vector<std::string> scenario_names(std::span<const std::string> files) {
  const auto stem = [](const std::string& file) { return fs::path(file).stem().string(); };
  const auto path = [](const std::string& file) {
    return fs::path(file).replace_extension().lexically_normal().string();
  };
  const auto is_only = [&](const std::string& file, const auto& name) {
    return std::count_if(files.begin(), files.end(),
                         [&](const std::string& other) { return name(other) == name(file); }) == 1;
  };
  std::vector<std::string> names;
  for (const std::string& file : files)
    names.push_back(is_only(file, stem) ? stem(file) : is_only(file, path) ? path(file) : file);
  return names;
}

Jobs jobs_of(std::span<const NamedScenario> scenarios, std::span<const std::string> variants) {
  Jobs found;
  std::vector<std::string> all;
  for (const NamedScenario& named : scenarios) {
    for (std::string& name : variants_of(*named.scenario)) {
      if (variants.empty() || contains(variants, name)) found.jobs.push_back({named, name});
      if (!contains(all, name)) all.push_back(std::move(name));
    }
  }
  for (const std::string& wanted : variants) {
    if (!contains(all, wanted)) found.errors.push_back(no_such_variant(wanted, all));
  }
  return found;
}

}  // namespace stackscope
