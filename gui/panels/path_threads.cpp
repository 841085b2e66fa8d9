// Threads, and wait queues that belong to neither a socket nor an epoll instance.

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "gui/panels/pick.hpp"

namespace stackscope::gui {
namespace {

std::string state_text(const HostPart& part, const TaskView& task) {
  if (task.is_on_cpu) return fmt::format("running on CPU {}", task.cpu);
  const std::string since = short_time(part.context.now() - task.state_since);
  if (task.state == TaskState::kRunning) return fmt::format("runnable {}", since);
  if (task.state == TaskState::kDead) return "ended";
  return fmt::format("asleep {}", since);
}

std::string call_text(const TaskView& task) {
  if (!task.process) return "kernel thread";
  if (!task.call.empty()) return fmt::format("{}()", task.call);
  if (task.returns == 0) return "in user mode";
  return fmt::format("{}() = {}", task.last_call, task.last_ret);
}

void draw_thread(const HostPart& part, const TaskView& task, const Rect& area) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  const Colour colour = theme.of(task.state, task.is_on_cpu);
  canvas.fill(area, theme.panel, 5);
  canvas.frame(area, theme.line, 1, 5);
  Rect inside = area.inset(6);
  const Rect shape = cut_left(inside, 22 * canvas.zoom());
  const float radius = std::min(8 * canvas.zoom(), inside.h / 3);
  canvas.circle({shape.x + radius + 1, area.middle_y()}, radius, colour, task.is_on_cpu, 2.5F);
  if (task.state == TaskState::kRunning && !task.is_on_cpu)
    canvas.circle({shape.x + radius + 1, area.middle_y()}, radius * 0.4F, colour);
  const float line = inside.h / (inside.h > 44 * canvas.zoom() ? 3.0F : 2.0F);
  const std::string state = state_text(part, task);
  canvas.text_in(cut_top(inside, line), task_name(part.context, task), theme.text, Face::kText);
  if (inside.h > line * 1.5F) canvas.text_in(cut_top(inside, line), call_text(task), theme.dim, Face::kMono);
  canvas.text_in(inside, state, task.is_on_cpu ? theme.user : theme.dim, Face::kSmall);
  part.context.object(part.task(task.id), area,
                      fmt::format("{} {} {}", task_name(part.context, task), call_text(task), state));
}

int rank(const HostPart& part, const TaskView& task) {
  const ObjectRef ref = part.task(task.id);
  if (ref == part.context.selected) return 100;
  if (task.is_on_cpu) return 90;
  if (part.context.is_marked(ref)) return 80;
  return task.state == TaskState::kRunning ? 50 : task.state == TaskState::kDead ? 0 : 10;
}

bool is_other(const WaitQueueView& queue) { return !queue.socket && !queue.epoll && queue.waiters.size > 0; }

}  // namespace

void draw_threads(const HostPart& part, const Rect& area) {
  const float zoom = part.context.canvas.zoom();
  const auto& tasks = part.host.tasks;
  const Grid cells = grid(area, tasks.size(), {150 * zoom, 42 * zoom}, {300 * zoom, 66 * zoom}, 8);
  const auto picked =
      pick(tasks, cells.shown, [&](TaskId, const TaskView& task) { return rank(part, task); });
  for (std::size_t i = 0; i < picked.size(); ++i) draw_thread(part, *tasks.find(picked[i]), cells.cells[i]);
  if (picked.size() == tasks.size()) return;
  for (const auto& [id, task] : tasks) {
    if (!std::binary_search(picked.begin(), picked.end(), id)) part.context.registry.holds(part.task(id));
  }
  if (!cells.cells.empty()) draw_rest(part.context, cells.cells.back(), cells.rest(), "threads");
}

bool has_other_queues(const HostView& host) {
  for (const auto& [id, queue] : host.wait_queues) {
    if (is_other(queue)) return true;
  }
  return false;
}

void draw_other_queues(const HostPart& part, const Rect& area) {
  std::vector<WaitQueueId> queues;
  for (const auto& [id, queue] : part.host.wait_queues) {
    if (is_other(queue)) queues.push_back(id);
  }
  const float zoom = part.context.canvas.zoom();
  const Grid cells = grid(area, queues.size(), {190 * zoom, 40 * zoom}, {420 * zoom, 60 * zoom}, 8);
  for (std::size_t i = 0; i < queues.size(); ++i) {
    if (i >= cells.shown) {
      part.context.registry.holds(part.wait_queue(queues[i]));
      part.host.for_each_waiter(*part.host.wait_queues.find(queues[i]), [&](WaiterId id, const WaiterView&) {
        part.context.registry.holds(part.waiter(id));
      });
      continue;
    }
    const Rect inside = draw_box(part.context, cells.cells[i], "", part.context.theme.asleep);
    Rect line = inside;
    part.context.canvas.text_in(cut_left(line, 84 * zoom), fmt::format("queue {}", queues[i].value),
                                part.context.theme.dim, Face::kSmall);
    draw_waiters(part, queues[i], line);
  }
  if (cells.rest() > 0 && !cells.cells.empty())
    draw_rest(part.context, cells.cells.back(), cells.rest(), "wait queues");
}

}  // namespace stackscope::gui
