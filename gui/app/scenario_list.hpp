#pragma once
// The scenarios of a folder, as a browser shows them: read when they are first asked for, and again only on request.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stackscope::gui {

class ScenarioList {
 public:
  struct Entry {
    std::string path, title;
    std::vector<std::pair<std::string, std::string>> variants;  // name and title, the baseline first
    std::string error;                                          // where the file is wrong: several lines
  };

  explicit ScenarioList(std::string folder = "scenarios") : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  /// In order of their names. Empty where there is no such folder.
  const std::vector<Entry>& entries();
  /// Files may have changed: they are read again when they are next asked for.
  void forget() { entries_.reset(); }
  /// Whether the person has folded what is unfolded by itself, or the other way round.
  bool is_turned(const std::string& path) const { return turned_.contains(path); }
  void turn(const std::string& path) {
    if (turned_.erase(path) == 0) turned_.insert(path);
  }

 private:
  std::string folder_;
  std::optional<std::vector<Entry>> entries_;
  std::set<std::string> turned_;
};

}  // namespace stackscope::gui
