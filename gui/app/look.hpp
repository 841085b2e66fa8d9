#pragma once
// How a person has set the window up: what panels are open, how large, what was typed. Kept by the app, read by panels.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gui/draw/object_ref.hpp"
#include "sim/time.hpp"

namespace stackscope::gui {

/// What is being typed into a knob, and the results of the run before.
struct KnobsLook {
  std::string drafted, draft;  // which knob, and its text
  std::string error;
  std::vector<std::pair<std::string, std::string>> before;
};

/// Where in the lesson, and what was answered.
struct LessonLook {
  std::size_t step = 0;
  std::optional<std::size_t> chosen;
  bool revealed = false;
};

/// Which part of the recording the timeline shows, which lanes, and the marks in order of time.
struct TimelineLook {
  Instant from;
  Duration span;     // 0: everything
  Instant followed;  // the moment that was last seen to be in sight
  std::string filter;
  std::set<ObjectKind> folded;  // groups of lanes of which only the heading is shown
  std::string wanted;           // what is searched in all records
  std::int64_t offset = 0;      // lanes that are scrolled away
  std::vector<Instant> marks;
};

struct Look {
  bool is_dark = true;
  bool is_presenting = false;
  bool moves = true;         // what a step changes is shown on its way
  std::size_t centre = 0;    // which panel is in the middle
  std::size_t side = 0;      // and which at the side
  float side_width = 0.30F;  // of the window's
  float side_split = 0.55F;  // of the side's height
  bool shows_help = false;
  bool shows_legend = true;
  std::string record_filter;
  std::int64_t record_offset = 0;  // rows that the list was scrolled away from the cursor
  std::string call_filter;
  std::int64_t call_offset = 0;
  KnobsLook knobs;
  LessonLook lesson;
  TimelineLook timeline;
  bool is_blank = false;  // nothing is shown, until a key
};

}  // namespace stackscope::gui
