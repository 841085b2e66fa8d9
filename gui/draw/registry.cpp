#include "gui/draw/registry.hpp"

#include <algorithm>

namespace stackscope::gui {

void Registry::begin_frame() {
  entries_.clear();
  drawn_.clear();
}

void Registry::add(std::string name, const Rect& rect, std::string text) {
  entries_.push_back({std::move(name), rect, {}, std::move(text), scrolled_in_});
}

void Registry::add(const ObjectRef& object, const Rect& rect, std::string text) {
  entries_.push_back({text_of(object, names_hosts_), rect, object, std::move(text), scrolled_in_});
  if (collects_) drawn_.insert(object);
}

const Registry::Entry* Registry::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

const Registry::Entry* Registry::object_at(float x, float y) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.object && entry.rect.contains(x, y);
  });
  return found == entries_.rend() ? nullptr : &*found;
}

const Registry::Entry* Registry::find(const ObjectRef& object) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.object == object; });
  return found == entries_.end() ? nullptr : &*found;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

}  // namespace stackscope::gui
