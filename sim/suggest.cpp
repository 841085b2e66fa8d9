#include "sim/suggest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace stackscope {
namespace {

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

std::string folded(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return folded(c); });
  return result;
}

/// Optimal string alignment: insertions, deletions, changes, and swaps of neighbours. Three rows suffice.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last), std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

constexpr std::size_t kLongestName = 200;  // the distance is quadratic, and what is wrong may be anything

}  // namespace

std::string suggestion(std::string_view wrong, std::span<const std::string> known) {
  if (wrong.empty() || wrong.size() > kLongestName) return {};
  const std::string wanted = folded(wrong);
  std::size_t closest = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  const std::string* best = nullptr;
  for (const std::string& name : known) {
    if (name.empty() || name.size() > kLongestName) continue;
    const std::size_t d = distance(wanted, folded(name));
    if (d >= closest || d >= name.size()) continue;  // every letter wrong is no likeness
    closest = d, best = &name;
  }
  return best ? *best : std::string{};
}

}  // namespace stackscope
