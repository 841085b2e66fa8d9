#include "gui/panels/panels.hpp"

#include "gui/panels/knobs.hpp"
#include "gui/panels/lesson.hpp"
#include "gui/panels/path.hpp"
#include "gui/panels/records.hpp"
#include "gui/panels/scenarios.hpp"
#include "gui/panels/timeline.hpp"
#include "gui/panels/tree.hpp"

namespace stackscope::gui {
namespace {

constexpr Panel kCentre[] = {
    {"path", draw_path, true},
    {"timeline", draw_timeline},
    {"scenarios", draw_scenarios},
};
constexpr Panel kSide[] = {
    {"records", draw_records}, {"tree", draw_tree, true}, {"calls", draw_calls},
    {"knobs", draw_knobs},     {"lesson", draw_lesson},
};

}  // namespace

std::span<const Panel> centre_panels() { return kCentre; }
std::span<const Panel> side_panels() { return kSide; }

}  // namespace stackscope::gui
