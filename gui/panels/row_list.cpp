#include "gui/panels/row_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <imgui.h>
#include <vector>

#include "gui/draw/units.hpp"

namespace stackscope::gui {
namespace {

// Records looked at for one frame's rows: where a filter lets few through, the list ends there and says so.
constexpr std::uint64_t kMostLooks = 20'000;

struct Found {
  std::vector<RecordId> rows;  // in order
  bool ran_out = false;
};

Found find_back(const PanelContext& context, const RowList& list, std::uint64_t from, std::size_t count) {
  Found found;
  std::uint64_t looks = 0;
  for (std::uint64_t id = from; id >= 1 && found.rows.size() < count; --id) {
    if (++looks > kMostLooks) return found.ran_out = true, found;
    if (list.is_wanted(context.recording.at(RecordId{id}))) found.rows.push_back(RecordId{id});
  }
  std::reverse(found.rows.begin(), found.rows.end());
  return found;
}

Found find_on(const PanelContext& context, const RowList& list, std::uint64_t from, std::size_t count) {
  Found found;
  if (count == 0) return found;
  const std::uint64_t past = std::min(context.recording.size() + 1, from + kMostLooks);
  for (const RawRecord& record : context.recording.records(RecordId{from}, RecordId{past})) {
    if (list.is_wanted(record)) found.rows.push_back(record.id);
    if (found.rows.size() == count) return found;
  }
  found.ran_out = past <= context.recording.size();
  return found;
}

/// The cursor's row is a third of the way down; the offset moves the rows, not the cursor.
std::vector<RecordId> rows_for(const PanelContext& context, const RowList& list, std::size_t room,
                               std::int64_t& offset) {
  const std::uint64_t at = context.view.run.last.value;
  const auto above = static_cast<std::int64_t>(room / 3);
  const std::int64_t back = std::max<std::int64_t>(0, above - offset),
                     on = static_cast<std::int64_t>(room) - above + offset;
  std::vector<RecordId> rows = find_back(context, list, at, static_cast<std::size_t>(back)).rows;
  if (std::cmp_less(rows.size(), back) && offset < 0) offset += back - static_cast<std::int64_t>(rows.size());
  const auto skip = static_cast<std::size_t>(std::max<std::int64_t>(0, offset - above));
  const Found after = find_on(context, list, at + 1, static_cast<std::size_t>(std::max<std::int64_t>(on, 0)));
  rows.insert(rows.end(), after.rows.begin() + static_cast<std::ptrdiff_t>(std::min(skip, after.rows.size())),
              after.rows.end());
  if (rows.size() > room) rows.resize(room);
  return rows;
}

}  // namespace

std::optional<RecordId> draw_row_list(const PanelContext& context, const RowList& list, std::int64_t& offset,
                                      const Rect& area) {
  Canvas& canvas = context.canvas;
  const float height = canvas.height_of(Face::kMono) + 6;
  const auto room = static_cast<std::size_t>(std::max(1.0F, area.h / height));
  const ImGuiIO& io = ImGui::GetIO();
  const bool is_inside =
      area.contains(io.MousePos.x, io.MousePos.y) && !ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
  if (is_inside && io.MouseWheel != 0) offset -= static_cast<std::int64_t>(io.MouseWheel * 3);
  std::optional<RecordId> clicked;
  const std::vector<RecordId> rows = rows_for(context, list, room, offset);
  float y = area.y;
  std::size_t number = 0;
  for (const RecordId id : rows) {
    const RawRecord record = context.recording.at(id);
    const Rect row{area.x, y, area.w, height};
    y += height;
    const bool is_here = id == context.view.run.last, is_selected = context.selected == ObjectRef::record(id);
    if (is_here) canvas.fill(row, with_alpha(context.theme.changed, 46), 3);
    if (is_selected) canvas.frame(row, context.theme.selected, 1, 3);
    const std::string text = list.text(record);
    const bool is_narrow = area.w < 300 * canvas.zoom();  // then the text is what is wanted
    const float time_width = is_narrow ? 4 : 92 * canvas.zoom();
    if (!is_narrow)
      canvas.text_in({row.x + 4, row.y, time_width - 8, row.h}, exact_time(record.header.at),
                     context.theme.dim, Face::kMono, Align::kRight);
    const Colour colour = id > context.view.run.last ? context.theme.faint : list.colour(record);
    canvas.text_in({row.x + time_width + 4, row.y, row.w - time_width - 8, row.h}, text, colour, Face::kMono);
    context.registry.add(fmt::format("{} {}", list.name, ++number), row, text);
    if (is_inside && ImGui::IsMouseClicked(0) && row.contains(io.MousePos.x, io.MousePos.y)) clicked = id;
  }
  if (rows.empty())
    canvas.text_in({area.x + 8, area.y, area.w - 16, height * 2}, "nothing near here", context.theme.faint);
  return clicked;
}

}  // namespace stackscope::gui
