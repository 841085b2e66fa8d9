#pragma once
// Which of many things keep a place of their own when there is not room for all: what is selected or marked first, then what
// the caller finds interesting, then the rest; shown in order of their identity, so that they stay where they are.

#include <algorithm>
#include <utility>
#include <vector>

namespace stackscope::gui {

/// Ids of at most `room` values of a map. `rank(id, value)`: the higher, the sooner.
template <class Map, class Rank>
auto pick(const Map& map, std::size_t room, Rank rank) {
  using Key = std::remove_cvref_t<decltype((*map.begin()).first)>;
  std::vector<std::pair<int, Key>> ranked;
  for (const auto& [id, value] : map) ranked.emplace_back(-rank(id, value), id);
  if (ranked.size() > room) {
    std::nth_element(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(room), ranked.end());
    ranked.resize(room);
  }
  std::vector<Key> picked;
  picked.reserve(ranked.size());
  for (const auto& [unused, id] : ranked) picked.push_back(id);
  std::sort(picked.begin(), picked.end());
  return picked;
}

}  // namespace stackscope::gui
