#include "runner/results/listing.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace stackscope {
namespace {

constexpr int kLongestName = 26;

/// Columns for the longest of some names, within reason.
template <class Things>
int name_width(const Things& things) {
  int width = 0;
  for (const auto& thing : things) width = std::max(width, display_width(printable(thing.name)));
  return std::min(width, kLongestName);
}

std::string name_cell(std::string_view name, int width) {
  return pad_right(elide_middle(printable(name), width), width);
}

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

/// `text` wrapped, each line behind `indent` spaces and painted dim.
std::string indented(std::string_view text, int indent, Paint paint, int width) {
  std::string out;
  for (const std::string& line : wrap(printable(text), std::max(width - indent, 20))) {
    out += std::string(static_cast<std::size_t>(indent), ' ') + paint.dim(line) + "\n";
  }
  return out;
}

struct KnobWidths {
  int name = 4, preset = 7, unit = 4, range = 5, changeable = 7;
};

KnobWidths widths_of(std::span<const ListedKnob> knobs, int width) {
  KnobWidths widths;
  for (const ListedKnob& knob : knobs) {
    widths.name = std::max(widths.name, display_width(printable(knob.name)));
    widths.preset = std::max(widths.preset, display_width(printable(knob.preset)));
    widths.unit = std::max(widths.unit, display_width(printable(knob.unit)));
    widths.changeable = std::max(widths.changeable, display_width(printable(knob.changeable)));
  }
  widths.name = std::min(widths.name, kLongestName);
  widths.preset = std::min(widths.preset, 12);
  widths.unit = std::min(widths.unit, 10);
  widths.changeable = std::min(widths.changeable, 14);
  constexpr int kGaps = 4 * 2, kNarrowestRange = 8;
  const auto left_over = [&] {
    return width - kGaps - widths.name - widths.preset - widths.unit - widths.changeable;
  };
  widths.name += std::min(0, left_over() - kNarrowestRange);  // on a narrow terminal the name gives way
  widths.range = left_over();
  return widths;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

/// The cells behind the name.
std::string knob_cells(const KnobWidths& widths, const ListedKnob& knob) {
  const auto cell = [](std::string_view text, int width) { return elide_end(printable(text), width); };
  return trimmed(fmt::format("  {}  {}  {}  {}", pad_left(cell(knob.preset, widths.preset), widths.preset),
                             pad_right(cell(knob.unit, widths.unit), widths.unit),
                             pad_right(cell(knob.range, widths.range), widths.range),
                             cell(knob.changeable, widths.changeable)));
}

constexpr auto kWordsThatSayNothing = std::to_array<std::string_view>(
    {"and", "are",  "but", "can",  "does", "for", "from", "has",  "have", "its",  "not", "one",
     "our", "that", "the", "this", "very", "was", "were", "when", "why",  "with", "you"});

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto finish_word = [&] {
    const bool silent = std::find(kWordsThatSayNothing.begin(), kWordsThatSayNothing.end(), word) !=
                        kWordsThatSayNothing.end();
    if (word.size() > 2 && !silent) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    const bool is_capital = c >= 'A' && c <= 'Z';
    const bool is_word = is_capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (!is_word) {
      finish_word();
    } else {
      word += static_cast<char>(is_capital ? c - 'A' + 'a' : c);
    }
  }
  finish_word();
  return words;
}

/// 2 for the same word; 1 where only an ending differs, as in "connect", "connecting" and "connections".
int likeness(std::string_view a, std::string_view b) {
  constexpr std::size_t kShortestStem = 4, kLongestEnding = 4;
  if (a == b) return 2;
  if (a.size() > b.size()) std::swap(a, b);
  const auto stem = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  return stem >= kShortestStem && b.size() - stem <= kLongestEnding ? 1 : 0;
}

int best_likeness(std::string_view word, std::string_view text) {
  int best = 0;
  for (const std::string& other : search_words(text)) best = std::max(best, likeness(word, other));
  return best;
}

int score(const ListedScenario& scenario, const std::vector<std::string>& words) {
  int total = 0;
  for (const std::string& word : words) {
    int best = std::max(3 * best_likeness(word, scenario.title + " " + scenario.name),
                        best_likeness(word, scenario.lesson));
    for (const std::string& symptom : scenario.symptoms)
      best = std::max(best, 4 * best_likeness(word, symptom));
    total += best;
  }
  return total;
}

}  // namespace

std::string scenario_list(std::span<const ListedScenario> scenarios, Paint paint, int width) {
  const int names = name_width(scenarios);
  std::string out;
  for (const ListedScenario& scenario : scenarios) {
    const std::string title = elide_end(printable(scenario.title), width - names - 2);
    out += paint.bold(name_cell(scenario.name, names)) + "  " + title + "\n";
    out += indented(first_line(scenario.lesson), names + 2, paint, width);
    if (!scenario.variants.empty()) {
      out += indented("variants: " + join(scenario.variants, " "), names + 2, paint, width);
    }
  }
  return out;
}

std::string knob_list(std::span<const ListedKnob> knobs, Paint paint, int width) {
  if (knobs.empty()) return "";
  const KnobWidths widths = widths_of(knobs, width);
  std::string out = paint.dim(pad_right("knob", widths.name) +
                              knob_cells(widths, {"", "unit", "range", "default", "", "change"})) +
                    "\n";
  for (const ListedKnob& knob : knobs) {
    out += paint.bold(name_cell(knob.name, widths.name)) + knob_cells(widths, knob) + "\n";
    out += indented(knob.sentence, 2, paint, width);
  }
  return out;
}

std::string program_list(std::span<const ListedProgram> programs, Paint paint, int width) {
  std::string out;
  for (const ListedProgram& program : programs) {
    if (!out.empty()) out += "\n";
    out += paint.bold(elide_middle(printable(program.name), width)) + "\n";
    out += indented(program.sentence, 2, paint, width);
    out += knob_list(program.knobs, paint, width);
  }
  return out;
}

std::vector<ListedScenario> ranked_by_symptom(std::span<const ListedScenario> scenarios,
                                              std::string_view symptom) {
  const std::vector<std::string> words = search_words(symptom);
  std::vector<std::pair<int, const ListedScenario*>> found;
  for (const ListedScenario& scenario : scenarios) {
    if (const int points = score(scenario, words); points > 0) found.emplace_back(points, &scenario);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second->name < b.second->name;
  });
  std::vector<ListedScenario> ranked;
  for (const auto& [points, scenario] : found) ranked.push_back(*scenario);
  return ranked;
}

}  // namespace stackscope
