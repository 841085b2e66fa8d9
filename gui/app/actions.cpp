#include "gui/app/actions.hpp"

#include <algorithm>

#include "gui/app/app.hpp"
#include "gui/app/lesson.hpp"
#include "gui/panels/panels.hpp"
#include "gui/panels/timeline.hpp"

namespace stackscope::gui {
namespace {

void step(App& app, Step step, Direction direction) {
  if (Player* player = app.player()) player->step(step, direction);
}
template <Step kStep>
void on(App& app) {
  step(app, kStep, Direction::kOn);
}
template <Step kStep>
void back(App& app) {
  step(app, kStep, Direction::kBack);
}

void toggle_play(App& app) {
  Player* player = app.player();
  if (player == nullptr) return;
  if (player->is_playing()) {
    player->pause();
  } else {
    if (player->is_at_end()) player->seek(RecordId{});
    player->play();
  }
}
void to_start(App& app) {
  if (Player* player = app.player()) player->pause(), player->seek(RecordId{});
}
void to_end(App& app) {
  if (Player* player = app.player()) player->pause(), player->seek(RecordId{player->recording().size()});
}
void faster(App& app) {
  if (Player* player = app.player()) player->faster();
}
void slower(App& app) {
  if (Player* player = app.player()) player->slower();
}
void go_to_selected(App& app) {
  Player* player = app.player();
  if (player != nullptr && app.selected().kind == ObjectKind::kRecord)
    player->seek(RecordId{app.selected().id});
}
/// The next record about what is selected.
void along(App& app, Direction direction) {
  Player* player = app.player();
  if (player == nullptr || !app.selected()) return;
  const Recording& recording = player->recording();
  const std::int64_t way = direction == Direction::kOn ? 1 : -1;
  for (auto id = static_cast<std::int64_t>(player->target().value) + way;
       id >= 1 && std::cmp_less_equal(id, recording.size()); id += way) {
    const RecordId record{static_cast<std::uint64_t>(id)};
    if (!player->objects().names(recording.at(record), app.selected())) continue;
    player->pause();
    return player->seek(record);
  }
}

/// A step of the lesson on or back, by `go`; shows the lesson where another panel hides it.
void along_lesson(App& app, bool (*go)(LessonLook&, const std::vector<LessonStep>&)) {
  Player* player = app.player();
  const Scenario* scenario = player == nullptr ? nullptr : app.document()->scenario();
  if (scenario == nullptr || scenario->steps.empty()) return;
  const auto panels = side_panels();
  const auto lesson =
      std::find_if(panels.begin(), panels.end(), [](const Panel& panel) { return panel.name == "lesson"; });
  app.look().side = static_cast<std::size_t>(lesson - panels.begin());
  if (!go(app.look().lesson, scenario->steps)) return;
  const std::optional<RecordId> place = place_of(app.look().lesson, app.document()->moments());
  if (place) player->pause(), player->seek(*place);
}

/// The timeline is zoomed at the moment where one stands, moved, or marked; not where it is not shown.
void zoom(App& app, double factor) {
  Player* player = app.player();
  if (player == nullptr || app.look().centre != timeline_panel()) return;
  zoom_timeline(app.look().timeline, player->recording(), player->view().run.now, factor);
}
void pan(App& app, double share) {
  if (app.player() != nullptr && app.look().centre == timeline_panel())
    pan_timeline(app.look().timeline, app.player()->recording(), share);
}
void mark(App& app) {
  if (app.player() != nullptr && app.look().centre == timeline_panel())
    toggle_mark(app.look().timeline, app.player()->view().run.now);
}

void to_found(App& app, Direction direction) {
  Player* player = app.player();
  if (player == nullptr) return;
  const RecordSearch& search = *app.search();
  const RecordId here = player->target();
  const auto found = direction == Direction::kOn ? search.next(here) : search.previous(here);
  if (!found) return;
  player->pause();
  player->seek(*found);
}

void toggle_movement(App& app) {
  app.look().moves = !app.look().moves;
  if (app.player() != nullptr) app.player()->set_moves(app.look().moves);
}

void stop_or_deselect(App& app) {
  if (!app.stop()) app.select({});
}

constexpr std::string_view kMove = "Move", kShow = "Show", kDo = "Window";
constexpr Action kActions[] = {
    {"play or pause", kMove, "Space", toggle_play},
    {"step a record", kMove, "Right", on<Step::kRecord>},
    {"step back a record", kMove, "Left", back<Step::kRecord>},
    {"step an event", kMove, "Down", on<Step::kEvent>},
    {"step back an event", kMove, "Up", back<Step::kEvent>},
    {"step a packet", kMove, "p", on<Step::kPacket>},
    {"step back a packet", kMove, "Shift+P", back<Step::kPacket>},
    {"step a system call", kMove, "c", on<Step::kCall>},
    {"step back a system call", kMove, "Shift+C", back<Step::kCall>},
    {"next wake-up", kMove, "k", on<Step::kWakeUp>},
    {"previous wake-up", kMove, "Shift+K", back<Step::kWakeUp>},
    {"next drop", kMove, "x", on<Step::kDrop>},
    {"previous drop", kMove, "Shift+X", back<Step::kDrop>},
    {"next record about the selection", kMove, "n", [](App& app) { along(app, Direction::kOn); }},
    {"previous record about the selection", kMove, "Shift+N", [](App& app) { along(app, Direction::kBack); }},
    {"next match of the search", kMove, ".", [](App& app) { to_found(app, Direction::kOn); }},
    {"previous match of the search", kMove, ",", [](App& app) { to_found(app, Direction::kBack); }},
    {"to the beginning", kMove, "Home", to_start},
    {"to the end", kMove, "End", to_end},
    {"to the selected record", kMove, "Enter", go_to_selected},
    {"faster", kMove, "+ =", faster},
    {"slower", kMove, "-", slower},
    {"reveal, then next step of the lesson", kMove, "PageDown", [](App& app) { along_lesson(app, go_on); }},
    {"back in the lesson", kMove, "PageUp", [](App& app) { along_lesson(app, go_back); }},
    {"stop the run, or select nothing", kShow, "Escape", stop_or_deselect},
    {"light or dark", kShow, "Ctrl+L", [](App& app) { app.look().is_dark = !app.look().is_dark; }},
    {"presenter mode", kShow, "f", [](App& app) { app.look().is_presenting = !app.look().is_presenting; }},
    {"movement", kShow, "v", toggle_movement},
    {"blank", kShow, "b", [](App& app) { app.look().is_blank = true; }},
    {"legend", kShow, "g", [](App& app) { app.look().shows_legend = !app.look().shows_legend; }},
    {"timeline: zoom in", kShow, "w", [](App& app) { zoom(app, 0.5); }},
    {"timeline: zoom out", kShow, "s", [](App& app) { zoom(app, 2); }},
    {"timeline: earlier", kShow, "a", [](App& app) { pan(app, -0.25); }},
    {"timeline: later", kShow, "d", [](App& app) { pan(app, 0.25); }},
    {"timeline: all of it", kShow, "z", [](App& app) { app.look().timeline.span = {}; }},
    {"timeline: mark here, or no mark", kShow, "m", mark},
    {"timeline: no marks", kShow, "Delete", [](App& app) { app.look().timeline.marks.clear(); }},
    {"command palette", kDo, "Ctrl+Shift+P", [](App& app) { app.palette().open(palette_commands(app)); }},
    {"help", kDo, "? F1", [](App& app) { app.look().shows_help = !app.look().shows_help; }},
    {"quit", kDo, "Ctrl+Q", [](App& app) { app.quit(); }},
};

bool has_key(const Action& action, const KeyPress& key) {
  std::string_view rest = action.keys;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (parse_key(rest.substr(0, end)) == key) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace

std::span<const Action> actions() { return kActions; }

const Action* action_for(const KeyPress& key) {
  const auto found = std::find_if(std::begin(kActions), std::end(kActions),
                                  [&](const Action& action) { return has_key(action, key); });
  return found == std::end(kActions) ? nullptr : &*found;
}

const Action* action_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kActions), std::end(kActions),
                                  [&](const Action& action) { return action.name == name; });
  return found == std::end(kActions) ? nullptr : &*found;
}

}  // namespace stackscope::gui
