// The NIC's rings and its interrupt, and what each CPU does.

#include <algorithm>
#include <fmt/format.h>

#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/path_parts.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

void hold_packets(const PanelContext& context, const NicView& nic) {
  for (const auto& [slot, entry] : nic.rx) context.registry.holds(ObjectRef::packet(entry.packet.value));
  for (const auto& [slot, entry] : nic.tx) context.registry.holds(ObjectRef::packet(entry.packet.value));
}

void draw_ring(const HostPart& part, Rect line, std::string_view name, std::uint64_t count) {
  Canvas& canvas = part.context.canvas;
  const Rect label = cut_left(line, 24 * canvas.zoom());
  canvas.text_in(label, name, part.context.theme.dim, Face::kMono);
  draw_squares(part.context, line, {count, part.context.theme.data, ""});
}

void draw_interrupt(const HostPart& part, const Rect& line, const NicView& nic) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  const float radius = std::min(7.0F * canvas.zoom(), line.h / 2);
  const Point centre{line.x + radius + 1, line.middle_y()};
  const Colour colour = nic.is_interrupt_pending ? theme.hardirq : theme.faint;
  canvas.diamond(centre, radius, colour, nic.is_interrupt_pending);
  const std::string text = nic.is_interrupt_pending ? fmt::format("irq → cpu {}", nic.target_cpu)
                           : nic.is_masked          ? "irq masked"
                                                    : "irq armed";
  canvas.text_in({line.x + 2 * radius + 8, line.y, line.w - 2 * radius - 8, line.h}, text,
                 nic.is_interrupt_pending ? theme.text : theme.dim, Face::kMono);
}

void draw_nic(const HostPart& part, const NicView& nic, const Rect& area) {
  Canvas& canvas = part.context.canvas;
  Rect inside =
      draw_box(part.context, area, fmt::format("NIC queue {}", nic.id.value), part.context.theme.hardirq);
  const float line = canvas.height_of(Face::kMono) + 5;
  draw_ring(part, cut_top(inside, line), "rx", nic.rx.size());
  draw_ring(part, cut_top(inside, line), "tx", nic.tx.size());
  draw_interrupt(part, cut_top(inside, line), nic);
  if (nic.drops > 0 && inside.h >= line - 4) {
    canvas.text_in(cut_top(inside, line), fmt::format("{} dropped", grouped(nic.drops)),
                   part.context.theme.hardirq, Face::kMono);
  }
  part.context.object(part.nic(nic.id), area, fmt::format("rx {} tx {}", nic.rx.size(), nic.tx.size()));
  hold_packets(part.context, nic);
}

std::string context_text(const HostPart& part, const CpuView& cpu, const ContextView& level) {
  const std::string since = short_time(part.context.now() - level.since);
  switch (level.kind) {
    case ContextKind::kHardirq:
      return fmt::format("hardirq {} {}", name_of(level.irq), since);
    case ContextKind::kSoftirq:
      return fmt::format("softirq {} {}", name_of(level.vector), since);
    case ContextKind::kIdle:
      return cpu.is_halted ? fmt::format("idle, halted {}", since) : "idle";
    case ContextKind::kUser:
    case ContextKind::kKernel:
      break;
  }
  const TaskView* task = part.host.tasks.find(cpu.task);
  if (task == nullptr) return std::string(name_of(level.kind));
  if (level.kind == ContextKind::kUser)
    return fmt::format("{}, in user mode", task_name(part.context, *task));
  return fmt::format("{} in {}()", task_name(part.context, *task), task->call);
}

/// The outermost at the bottom: an interrupt lies on top of what it interrupted.
void draw_contexts(const HostPart& part, const CpuView& cpu, Rect area) {
  Canvas& canvas = part.context.canvas;
  const float line = std::min(22 * canvas.zoom(), area.h / static_cast<float>(cpu.depth));
  float indent = 0;
  for (const ContextView& level : cpu.context_stack()) {
    Rect bar = cut_bottom(area, line);
    bar.x += indent, bar.w -= indent;
    bar = {bar.x, bar.y + 1, bar.w, bar.h - 2};
    const Colour colour = part.context.theme.of(level.kind);
    canvas.fill(bar, with_alpha(colour, level.kind == ContextKind::kIdle ? 40 : 90), 3);
    canvas.fill({bar.x, bar.y, 4, bar.h}, colour, 2);
    canvas.text_in({bar.x + 9, bar.y, bar.w - 12, bar.h}, context_text(part, cpu, level),
                   part.context.theme.text, Face::kMono);
    indent += 10;
  }
}

std::string pending_text(const CpuView& cpu) {
  std::string text;
  for (unsigned vector = 0; vector < 16; ++vector) {
    const auto which = static_cast<SoftirqVector>(vector);
    if (!cpu.is_pending(which) || name_of(which).empty()) continue;
    text += (text.empty() ? "" : " ") + std::string(name_of(which));
  }
  return text;
}

void draw_softnet(const HostPart& part, const CpuView& cpu, Rect area) {
  Canvas& canvas = part.context.canvas;
  const Theme& theme = part.context.theme;
  Rect left = cut_left(area, area.w * 0.55F);
  canvas.text_in(cut_left(left, 62 * canvas.zoom()), "backlog", theme.dim, Face::kMono);
  draw_squares(part.context, left, {cpu.backlog.size(), theme.data, ""});
  for (const auto& [place, packet] : cpu.backlog)
    part.context.registry.holds(ObjectRef::packet(packet.value));
  const std::string pending = pending_text(cpu);
  const std::string napi =
      cpu.poll_list.empty() ? "" : fmt::format("napi {}/{} ", cpu.last_poll_work, cpu.last_poll_budget);
  const std::string text = pending.empty() ? napi + "no softirq pending" : napi + "pending " + pending;
  canvas.text_in(area, text, pending.empty() ? theme.faint : theme.softirq, Face::kMono);
}

void draw_cpu(const HostPart& part, const CpuView& cpu, const Rect& area) {
  Canvas& canvas = part.context.canvas;
  Rect inside = draw_box(part.context, area, "", part.context.theme.of(cpu.context().kind));
  const Rect title = cut_top(inside, canvas.height_of(Face::kText) + 3);
  canvas.text_in(title, fmt::format("CPU {}", cpu.number), part.context.theme.text, Face::kBold);
  canvas.text_in(title, name_of(cpu.context().kind), part.context.theme.of(cpu.context().kind), Face::kMono,
                 Align::kRight);
  if (inside.h > 2 * canvas.height_of(Face::kMono) + 12) {
    draw_softnet(part, cpu, cut_top(inside, canvas.height_of(Face::kMono) + 5));
  } else {
    for (const auto& [place, packet] : cpu.backlog)
      part.context.registry.holds(ObjectRef::packet(packet.value));
  }
  draw_contexts(part, cpu, inside);
  part.context.object(ObjectRef::cpu(part.host.number, cpu.number), area,
                      context_text(part, cpu, cpu.context()));
}

}  // namespace

void draw_nics(const HostPart& part, const Rect& area) {
  const float zoom = part.context.canvas.zoom();
  const Grid cells = grid(area, part.host.nics.size(), {110 * zoom, 84 * zoom}, {320 * zoom, 150 * zoom}, 8);
  std::size_t at = 0;
  for (const auto& [id, nic] : part.host.nics) {
    if (at < cells.shown) {
      draw_nic(part, nic, cells.cells[at]);
    } else {
      part.context.registry.holds(part.nic(id));
      hold_packets(part.context, nic);
    }
    ++at;
  }
  if (cells.rest() > 0 && !cells.cells.empty())
    draw_rest(part.context, cells.cells.back(), cells.rest(), "queues");
}

void draw_cpus(const HostPart& part, const Rect& area) {
  const float zoom = part.context.canvas.zoom();
  const Grid cells = grid(area, part.host.cpus.size(), {220 * zoom, 66 * zoom}, {900 * zoom, 150 * zoom}, 8);
  std::size_t at = 0;
  for (const CpuView& cpu : part.host.cpus) {
    if (at < cells.shown) {
      draw_cpu(part, cpu, cells.cells[at]);
    } else {
      part.context.registry.holds(ObjectRef::cpu(part.host.number, cpu.number));
      for (const auto& [place, packet] : cpu.backlog)
        part.context.registry.holds(ObjectRef::packet(packet.value));
    }
    ++at;
  }
  if (cells.rest() > 0 && !cells.cells.empty())
    draw_rest(part.context, cells.cells.back(), cells.rest(), "CPUs");
}

}  // namespace stackscope::gui
