#include "gui/panels/records.hpp"

#include <fmt/format.h>

#include "gui/app/call_text.hpp"
#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/panels/row_list.hpp"

namespace stackscope::gui {
namespace {

Colour colour_of(const PanelContext& context, const RawRecord& record) {
  switch (context.recording.schema().kind(record.header.kind).layer) {
    case Layer::kWire:
      return context.theme.data;
    case Layer::kCalls:
      return context.theme.user;
    case Layer::kProgram:
      return context.theme.kernel;
    case Layer::kKernel:
      break;
  }
  return context.theme.text;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string call_name(const Recording& recording, const RawRecord& record) {
  const std::string& name = recording.schema().kind(record.header.kind).name;
  return name.substr(name.find('_', sizeof("syscalls:sys")) + 1);
}

std::int64_t field_of(const Recording& recording, const RawRecord& record, std::string_view name) {
  const KindSchema& kind = recording.schema().kind(record.header.kind);
  const auto found = kind.find(name);
  return found ? value(kind.fields[*found], record) : 0;
}

/// The entry that belongs to a return: the thread's last one before it.
std::optional<RawRecord> entry_of(const Recording& recording, const RecordObjects& objects,
                                  const RawRecord& exit) {
  const std::int64_t task = field_of(recording, exit, "task");
  const std::string name = call_name(recording, exit);
  for (std::uint64_t id = exit.id.value - 1, looks = 0; id >= 1 && looks < 5'000; --id, ++looks) {
    const RawRecord record = recording.at(RecordId{id});
    if (record.header.place.host != exit.header.place.host || !objects.is_call_entry(record)) continue;
    if (field_of(recording, record, "task") == task && call_name(recording, record) == name) return record;
  }
  return std::nullopt;
}

std::string call_line(const PanelContext& context, const RawRecord& exit) {
  const Recording& recording = context.recording;
  const std::int64_t task = field_of(recording, exit, "task"), ret = field_of(recording, exit, "ret");
  const std::optional<RawRecord> entry = entry_of(recording, context.objects, exit);
  if (!entry) return fmt::format("[{}] {}(…) = {}", task, call_name(recording, exit), return_text(ret));
  return fmt::format("[{}] {} = {} <{}>", task,
                     call_text(recording.schema().kind(entry->header.kind), *entry), return_text(ret),
                     short_time(exit.header.at - entry->header.at));
}

Wish went(const std::optional<RecordId>& record) {
  if (!record) return {};
  return {record, ObjectRef::record(*record), std::nullopt};
}

}  // namespace

Wish draw_records(const PanelContext& context, const Rect& area) {
  Rect rest = area;
  context.canvas.fill(area, context.theme.panel, 5);
  const Rect top = cut_top(rest, 34 * context.canvas.zoom()).inset(4);
  const std::string& filter = context.look.record_filter;
  context.widgets.field("filter", context.look.record_filter,
                        "filter: part of a record's text, or @ for what is selected", top);
  RowList list;
  list.name = "record row";
  list.is_wanted = [&context, &filter](const RawRecord& record) {
    if (filter.empty()) return true;
    if (filter == "@") return !context.selected || context.objects.names(record, context.selected);
    return contains(context.recording.text(record), filter);
  };
  list.text = [&context](const RawRecord& record) { return context.recording.text(record); };
  list.colour = [&context](const RawRecord& record) { return colour_of(context, record); };
  return went(draw_row_list(context, list, context.look.record_offset, rest.inset(4)));
}

Wish draw_calls(const PanelContext& context, const Rect& area) {
  Rect rest = area;
  context.canvas.fill(area, context.theme.panel, 5);
  const Rect top = cut_top(rest, 34 * context.canvas.zoom()).inset(4);
  const std::string& filter = context.look.call_filter;
  context.widgets.field("call filter", context.look.call_filter,
                        "filter: a call's name, or @ for the selected thread", top);
  RowList list;
  list.name = "call row";
  list.is_wanted = [&context, &filter](const RawRecord& record) {
    if (!context.objects.is_call_exit(record)) return false;
    if (filter.empty()) return true;
    if (filter == "@") return !context.selected || context.objects.names(record, context.selected);
    return contains(call_name(context.recording, record), filter);
  };
  list.text = [&context](const RawRecord& record) { return call_line(context, record); };
  list.colour = [&context](const RawRecord& record) {
    return field_of(context.recording, record, "ret") < 0 ? context.theme.hardirq : context.theme.text;
  };
  return went(draw_row_list(context, list, context.look.call_offset, rest.inset(4)));
}

}  // namespace stackscope::gui
