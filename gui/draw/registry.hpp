#pragma once
// What is on the screen, by name: where it is, which object it shows, and what it says. Filled anew in each frame; scripts
// click and look by it, the mouse finds objects by it, and tests compare it with the view.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gui/draw/object_ref.hpp"

namespace stackscope::gui {

/// In logical pixels, from the window's upper left corner.
struct Rect {
  float x = 0, y = 0, w = 0, h = 0;
  float right() const { return x + w; }
  float bottom() const { return y + h; }
  float middle_x() const { return x + w / 2; }
  float middle_y() const { return y + h / 2; }
  bool contains(float px, float py) const { return px >= x && px < right() && py >= y && py < bottom(); }
  bool empty() const { return w <= 0 || h <= 0; }
  /// So much less on every side.
  Rect inset(float by) const { return {x + by, y + by, w - 2 * by, h - 2 * by}; }
};

class Registry {
 public:
  struct Entry {
    std::string name;  // "task 3", "button play", "panel path"
    Rect rect;
    ObjectRef object;                     // what it shows, if it shows an object
    std::string text;                     // what it says, for scripts and tooltips
    std::optional<Rect> scrolls_in = {};  // the place that it can be scrolled out of
    bool is_in_sight() const { return !scrolls_in || scrolls_in->contains(rect.middle_x(), rect.middle_y()); }
  };

  /// Where tests want to know which objects were drawn, aggregates tell each that they hold.
  explicit Registry(bool collects = false) : collects_(collects) {}

  void begin_frame();
  void add(std::string name, const Rect& rect, std::string text = "");
  /// An object that is drawn by itself. Named by its kind and number; where a name is taken, the first one has it.
  void add(const ObjectRef& object, const Rect& rect, std::string text = "");
  /// Counts as drawn, as part of something that stands for many.
  void holds(const ObjectRef& object) {
    if (collects_) drawn_.insert(object);
  }
  /// What is added from here to end_scroll() can be scrolled out of `view`. One such place at a time.
  void begin_scroll(const Rect& view) { scrolled_in_ = view; }
  void end_scroll() { scrolled_in_.reset(); }
  bool collects() const { return collects_; }
  void set_has_hosts(bool several) { names_hosts_ = several; }

  const std::vector<Entry>& entries() const { return entries_; }
  /// Null where nothing on the screen has this name.
  const Entry* find(std::string_view name) const;
  /// The object drawn last, so on top, at a place.
  const Entry* object_at(float x, float y) const;
  /// Where an object is drawn, the first place where it is.
  const Entry* find(const ObjectRef& object) const;
  const std::set<ObjectRef>& drawn() const { return drawn_; }
  /// Names like this one, for an error.
  std::vector<std::string> names() const;

 private:
  std::vector<Entry> entries_;
  std::set<ObjectRef> drawn_;
  std::optional<Rect> scrolled_in_;
  bool collects_ = false;
  bool names_hosts_ = false;
};

}  // namespace stackscope::gui
