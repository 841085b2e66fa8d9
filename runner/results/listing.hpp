#pragma once
// `stackscope list`: which scenarios, programs and knobs there are, and which scenario looks like a symptom.
//
// These structs are what a list shows, not what the catalogue holds; whoever owns a catalogue copies into
// them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/results/text.hpp"

namespace stackscope {

struct ListedScenario {
  std::string name, path, title, lesson;
  std::vector<std::string> symptoms;  ///< words and phrases that a person would search for
  std::vector<std::string> variants;
};

/// A parameter of a host or a program.
struct ListedKnob {
  std::string name;    ///< "host.cpus", "think"
  std::string unit;    ///< "duration", "bytes", "count", "word" …
  std::string range;   ///< "0ns to 10s", "shared | each"
  std::string preset;  ///< what it is when nothing is said
  std::string sentence;
  std::string changeable;  ///< "any time", "before the run"
};

struct ListedProgram {
  std::string name, sentence;
  std::vector<ListedKnob> knobs;
};

/// Name and title of each scenario, and below it the first line of its lesson. In the order given.
std::string scenario_list(std::span<const ListedScenario> scenarios, Paint paint, int width = 80);

/// Every program with its sentence and its knobs.
std::string program_list(std::span<const ListedProgram> programs, Paint paint, int width = 80);

/// A table of knobs; the sentence of each stands below its row.
std::string knob_list(std::span<const ListedKnob> knobs, Paint paint, int width = 80);

/// The scenarios that have a word of `symptom`, best first; equal ones by name. Empty where none has.
///
/// A word counts 4 among the symptoms, 3 in the title or name and 1 in the lesson, its best place only; half
/// of that where only its ending differs ("connecting", "connections"). Words of one or two letters and
/// the commonest English words do not count. Capitals do not matter.
std::vector<ListedScenario> ranked_by_symptom(std::span<const ListedScenario> scenarios,
                                              std::string_view symptom);

}  // namespace stackscope
