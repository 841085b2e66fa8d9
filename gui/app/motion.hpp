#pragma once
// What one record changes, on its way: for a fifth of a second the picture is between the view before the record and the view
// after it. How far between is all that a clock decides; what lies at both ends is the recording's.

#include <optional>
#include <utility>

#include "analysis/simulation_view.hpp"

namespace stackscope::gui {

class Motion {
 public:
  static constexpr double kSeconds = 0.2;

  /// From `former` to what is shown now.
  void begin(SimulationView former) { former_ = std::move(former), share_ = 0, way_ = 1; }
  /// From what is shown now to `former`, where the cursor goes when this ends.
  void begin_back(SimulationView former) { former_ = std::move(former), share_ = 1, way_ = -1; }
  /// Nothing is shown on its way, but what comes within the fifth of a second is in a hurry.
  void skip() { former_.reset(), share_ = 0, way_ = 1; }
  void end() { former_.reset(), share_ = 1, way_ = 1; }

  void advance(double seconds) {
    share_ += way_ * seconds / kSeconds;
    if (share_ >= 1 || share_ <= 0) end();
  }
  bool is_over() const { return way_ > 0 && share_ >= 1; }
  bool is_back() const { return way_ < 0; }

  /// The view before the record; null where nothing is to be seen on its way.
  const SimulationView* former() const { return former_ ? &*former_ : nullptr; }
  /// From 0, as before the record, to 1; slow at both ends.
  float share() const { return static_cast<float>(share_ * share_ * (3 - 2 * share_)); }

 private:
  std::optional<SimulationView> former_;
  double share_ = 1;
  int way_ = 1;
};

}  // namespace stackscope::gui
