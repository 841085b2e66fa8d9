#pragma once
// What every panel is given. Panels are free functions over views: they draw, and say in the registry what they drew. They
// hold nothing of their own between frames; what is to be kept, the app keeps.

#include <map>
#include <optional>
#include <span>
#include <string>

#include "analysis/simulation_view.hpp"
#include "gui/app/document.hpp"
#include "gui/app/lanes.hpp"
#include "gui/app/look.hpp"
#include "gui/app/record_objects.hpp"
#include "gui/app/record_search.hpp"
#include "gui/app/scenario_list.hpp"
#include "gui/draw/canvas.hpp"
#include "gui/draw/moving.hpp"
#include "gui/draw/registry.hpp"
#include "gui/draw/theme.hpp"
#include "gui/draw/widgets.hpp"
#include "sim/recording.hpp"

namespace stackscope::gui {

/// What the last records touched, by age: 0 for the last one. Fading is counted in records, so a picture is a function of the
/// recording and the cursor alone.
using Marks = std::map<ObjectRef, int>;
inline constexpr int kMarkedRecords = 8;

struct PanelContext {
  Canvas& canvas;
  Registry& registry;
  const Theme& theme;
  const Recording& recording;
  const SimulationView& view;
  const Marks& marks;
  const RecordObjects& objects;
  const Document& document;
  const Widgets& widgets;
  Look& look;
  ObjectRef selected;
  ScenarioList& scenarios;
  const Lanes& lanes;
  const RecordSearch& search;
  std::span<const RecordId> effects;       // of the selected record
  const SimulationView* former = nullptr;  // before the last record, while its change is on its way
  Moving* moving = nullptr;                // where things are then

  std::string_view string(StringId id) const {
    return id.value == 0 ? std::string_view() : recording.string(id);
  }
  Instant now() const { return view.run.now; }
  bool is_marked(const ObjectRef& object) const { return marks.contains(object); }

  /// Where to draw an object whose place is `now`: there, or on its way.
  Rect at(Spot spot, const ObjectRef& ref, const Rect& now) const {
    return moving == nullptr ? now : moving->at(spot, ref, now);
  }
  /// Outlines what the last records changed and what is selected; registers the object under its name.
  void object(const ObjectRef& ref, const Rect& rect, std::string text = "", float rounding = 4) const;
};

/// What a person asked for in a panel; the app grants it.
struct Wish {
  std::optional<RecordId> go_to;
  std::optional<ObjectRef> select;
  std::optional<OpenRequest> open;
};

/// A panel by its name, in the middle or at the side. Adding one: a file here, and a line in panels.cpp.
struct Panel {
  std::string_view name;
  Wish (*draw)(const PanelContext& context, const Rect& area);
  bool moves = false;  // it asks PanelContext::at() where things are
};

/// "worker 3", by what the program is called and the thread's number.
std::string task_name(const PanelContext& context, const TaskView& task);

}  // namespace stackscope::gui
