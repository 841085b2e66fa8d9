#include "gui/draw/moving.hpp"

namespace stackscope::gui {

Rect Moving::at(Spot spot, const ObjectRef& object, const Rect& now) {
  if (is_former_) {
    former_.emplace(std::pair(object, spot), now);
    return now;
  }
  auto from = former_.find({object, spot});
  if (from == former_.end()) from = former_.lower_bound({object, Spot{}});
  const bool is_new = from == former_.end() || from->first.first != object;
  const Rect begin = is_new ? Rect{now.middle_x(), now.middle_y(), 0, 0} : from->second;
  const auto between = [this](float a, float b) { return a + (b - a) * share_; };
  return {between(begin.x, now.x), between(begin.y, now.y), between(begin.w, now.w), between(begin.h, now.h)};
}

}  // namespace stackscope::gui
