#include "gui/panels/panel.hpp"

#include <fmt/format.h>

namespace stackscope::gui {

void PanelContext::object(const ObjectRef& ref, const Rect& rect, std::string text, float rounding) const {
  if (const auto mark = marks.find(ref); mark != marks.end()) {
    const auto alpha = static_cast<std::uint32_t>(255 - mark->second * 200 / kMarkedRecords);
    canvas.frame(rect.inset(-1.5F), with_alpha(theme.changed, alpha), mark->second == 0 ? 2.0F : 1.5F,
                 rounding + 1);
  }
  if (ref == selected) canvas.frame(rect.inset(-3.5F), theme.selected, 2, rounding + 2);
  registry.add(ref, rect, std::move(text));
}

std::string task_name(const PanelContext& context, const TaskView& task) {
  const std::string_view comm = context.string(task.comm);
  return comm.empty() ? fmt::format("thread {}", task.id.value) : fmt::format("{} {}", comm, task.id.value);
}

}  // namespace stackscope::gui
