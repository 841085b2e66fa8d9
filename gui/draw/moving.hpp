#pragma once
// Where things were one record ago, so that they can be drawn on their way from there. Filled by drawing the former moment,
// unseen, into the same area.

#include <cstdint>
#include <map>
#include <utility>

#include "gui/draw/object_ref.hpp"
#include "gui/draw/registry.hpp"

namespace stackscope::gui {

/// An object can be in several places at once.
enum class Spot : std::uint8_t { kTree, kList, kQueue, kLink };

class Moving {
 public:
  /// The places of the former moment are told first; then the present one is drawn, with things at `share` of their way.
  void begin_present(float share) { share_ = share, is_former_ = false; }

  /// Where to draw it now. What was in another place before comes from there, what is new grows where it is.
  Rect at(Spot spot, const ObjectRef& object, const Rect& now);
  float share() const { return share_; }

 private:
  std::map<std::pair<ObjectRef, Spot>, Rect> former_;
  float share_ = 0;
  bool is_former_ = true;
};

}  // namespace stackscope::gui
