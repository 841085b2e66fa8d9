#pragma once
// The application: what is open, where in it, what is selected, how it looks. Draws a frame from that and nothing else.

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "gui/app/document.hpp"
#include "gui/app/lanes.hpp"
#include "gui/app/look.hpp"
#include "gui/app/palette.hpp"
#include "gui/app/player.hpp"
#include "gui/app/record_search.hpp"
#include "gui/app/scenario_list.hpp"
#include "gui/draw/canvas.hpp"
#include "gui/draw/registry.hpp"
#include "gui/platform/input.hpp"

namespace stackscope::gui {

/// What a frame is drawn into.
struct Stage {
  int width, height;  // logical pixels
  float scale;
  const Fonts& fonts;
};

struct ChromeContext;

class App {
 public:
  explicit App(bool collects_objects = false) : registry_(collects_objects) {}

  /// Replaces what is open; runs it in the background where it is a scenario. The same scenario with other settings goes on at
  /// the same time.
  void open(OpenRequest request);
  void close();

  /// So much of the person's time has passed. Returns true where a frame must be drawn.
  bool advance(double seconds);
  /// Keys that are commands, files that were dropped. Returns false when the person wants to leave.
  bool handle(const std::deque<InputEvent>& events);
  /// REQUIRES: within an ImGui frame.
  void draw(const Stage& stage);

  /// Nothing runs, nothing moves.
  bool is_settled() const;
  /// Null where nothing is open, or it is not ready.
  Player* player() { return player_ ? &*player_ : nullptr; }
  const Document* document() const { return document_.get(); }
  Document* document() { return document_.get(); }
  Registry& registry() { return registry_; }
  const Registry& registry() const { return registry_; }
  Look& look() { return look_; }
  ScenarioList& scenarios() { return scenarios_; }
  Palette& palette() { return palette_; }
  /// Null as the player is.
  const RecordSearch* search() const { return search_ ? &*search_ : nullptr; }
  /// A run that goes on ends where it is, and is shown so far. Returns whether there was one.
  bool stop();
  const ObjectRef& selected() const { return selected_; }
  void select(const ObjectRef& object) { selected_ = object; }
  void quit() { is_leaving_ = true; }
  /// For the window's frame: what is open, where in it, what is selected.
  std::string title() const;
  /// Of the last frame.
  std::size_t primitives() const { return primitives_; }

 private:
  void draw_document(const PanelContext& context, Rect area);
  /// What must be known of the document, above everything else.
  void draw_notice(const PanelContext& context, Rect& area);
  void draw_side(const PanelContext& context, Rect area);
  void grant(const Wish& wish);
  void be_ready();
  /// The timeline is shown, and not all of it was read yet.
  bool must_read_lanes() const;
  void draw_empty(Canvas& canvas, const Theme& theme, const Widgets& widgets, Rect area);
  void draw_error(Canvas& canvas, const Theme& theme, const Rect& area);
  void draw_running(Canvas& canvas, const Theme& theme, const Widgets& widgets, const Rect& area);
  void draw_overlays(const ChromeContext& context, const Rect& area);
  void pick_objects(const Rect& area);
  /// Whether the event was for that alone.
  bool ends_blank(const InputEvent& event);
  void draw_blank(const Rect& window);

  std::unique_ptr<Document> document_;
  std::optional<Player> player_;
  std::optional<Lanes> lanes_;  // of the player's recording
  std::optional<RecordSearch> search_;
  std::optional<Instant> resumes_at_;  // where it was, when the same scenario is run with other settings
  std::optional<OpenRequest> wanted_;  // opened before the next frame: panels draw what is open now
  ObjectRef selected_;
  Look look_;
  ScenarioList scenarios_;
  Palette palette_;
  Registry registry_;
  bool is_leaving_ = false;
  bool drops_text_ = false;  // of the key that ended the blank window
  std::size_t primitives_ = 0;
};

}  // namespace stackscope::gui
