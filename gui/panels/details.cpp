#include "gui/panels/details.hpp"

#include <fmt/format.h>
#include <imgui.h>

#include "gui/draw/units.hpp"
#include "gui/panels/object_fields.hpp"
#include "runner/results/cells.hpp"

namespace stackscope::gui {
namespace {

void field_rows(const PanelContext& context, const std::vector<FieldText>& fields) {
  const float zoom = context.canvas.zoom();
  for (const FieldText& field : fields) {
    context.widgets.words(field.name, context.theme.dim);
    ImGui::SameLine(150 * zoom);
    const Rect rect = context.widgets.words(field.value, context.theme.text);
    context.registry.add("field of " + field.name, rect, field.value);
  }
}

std::optional<ObjectRef> record_details(const PanelContext& context, RecordId id) {
  if (!id) {
    context.widgets.words("The beginning: nothing has been recorded yet.", context.theme.dim);
    return std::nullopt;
  }
  const RawRecord record = context.recording.at(id);
  const KindSchema& kind = context.recording.schema().kind(record.header.kind);
  context.widgets.words(kind.name, context.theme.text);
  context.widgets.words(
      fmt::format(
          "record {} · {} · host {}{}", grouped(id.value), exact_time(record.header.at),
          record.header.place.host,
          record.header.place.cpu == Place::kNoCpu ? "" : fmt::format(" · cpu {}", record.header.place.cpu)),
      context.theme.dim);
  context.widgets.words(kind.sentence, context.theme.text);
  std::optional<ObjectRef> clicked;
  if (record.header.cause) {
    const RawRecord cause = context.recording.at(record.header.cause);
    const std::string label = fmt::format(
        "caused by {} #{}", context.recording.schema().kind(cause.header.kind).name, cause.id.value);
    if (context.widgets.inline_button("link cause", label)) clicked = ObjectRef::record(cause.id);
  }
  for (std::size_t i = 0; i < context.effects.size() && context.selected; ++i) {
    const RawRecord effect = context.recording.at(context.effects[i]);
    const std::string label = fmt::format(
        "caused {} #{}", context.recording.schema().kind(effect.header.kind).name, effect.id.value);
    if (context.widgets.inline_button(fmt::format("link effect {}", i + 1), label))
      clicked = ObjectRef::record(effect.id);
  }
  ImGui::Spacing();
  field_rows(context, record_fields(context.recording, record));
  return clicked;
}

void object_details(const PanelContext& context, const ObjectRef& object) {
  context.widgets.words(text_of(object, context.view.hosts.size() > 1), context.theme.text);
  const Explanation explanation = explanation_of(object.kind);
  context.widgets.words(explanation.sentence, context.theme.text);
  context.widgets.words(fmt::format("Linux: {}", explanation.linux_source), context.theme.dim);
  ImGui::Spacing();
  const std::vector<FieldText> fields = fields_of(context, object);
  if (fields.empty()) context.widgets.words("It does not exist at this moment.", context.theme.dim);
  field_rows(context, fields);
}

}  // namespace

Explanation explanation_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kHost:
      return {"A machine; one without CPUs is an ideal peer.", "—"};
    case ObjectKind::kCpu:
      return {"A CPU: a thread or the idle loop, and the interrupts that lie on top of it.",
              "kernel/sched/core.c, kernel/softirq.c"};
    case ObjectKind::kTask:
      return {"A thread, as the scheduler knows it.", "include/linux/sched.h struct task_struct"};
    case ObjectKind::kWaitQueue:
      return {
          "Who is to be called when something happens; woken from the head, up to the first exclusive one "
          "that takes it.",
          "kernel/sched/wait.c __wake_up_common()"};
    case ObjectKind::kWaiter:
      return {"An entry of a wait queue: a thread that sleeps, or epoll's callback.",
              "include/linux/wait.h struct wait_queue_entry"};
    case ObjectKind::kEpoll:
      return {"An epoll instance: a red-black tree of watched files, and a list of those that may be ready.",
              "fs/eventpoll.c struct eventpoll"};
    case ObjectKind::kItem:
      return {"A file that an epoll instance watches.", "fs/eventpoll.c struct epitem"};
    case ObjectKind::kSocket:
      return {"A socket: queues, buffers, and TCP's state.",
              "include/net/sock.h struct sock, include/linux/tcp.h struct tcp_sock"};
    case ObjectKind::kPacket:
      return {"A packet.", "include/linux/skbuff.h struct sk_buff"};
    case ObjectKind::kNic:
      return {"A queue of a network card: a receive and a transmit ring, and an interrupt.",
              "the driver; net/core/dev.c struct napi_struct"};
    case ObjectKind::kFile:
      return {"An open file description, which descriptors name.", "include/linux/fs.h struct file"};
    case ObjectKind::kNapi:
      return {"What polls a receive ring after its interrupt.", "net/core/dev.c napi_poll()"};
    case ObjectKind::kRecord:
    case ObjectKind::kNone:
      return {"", ""};
  }
  return {"", ""};
}

Wish draw_details(const PanelContext& context, const Rect& area) {
  context.canvas.fill(area, context.theme.panel, 5);
  context.widgets.begin_scroll("details", area.inset(10));
  Wish wish;
  if (!context.selected || context.selected.kind == ObjectKind::kRecord) {
    const RecordId id = context.selected ? RecordId{context.selected.id} : context.view.run.last;
    wish.select = record_details(context, id);
    if (wish.select) wish.go_to = RecordId{wish.select->id};
  } else {
    object_details(context, context.selected);
  }
  context.widgets.end_scroll();
  return wish;
}

}  // namespace stackscope::gui
