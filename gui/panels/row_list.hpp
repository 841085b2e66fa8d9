#pragma once
// A list of records around the cursor: as many rows above and below as there is room for, found by looking outwards.

#include <functional>
#include <optional>
#include <string>

#include "gui/draw/widgets.hpp"
#include "gui/panels/panel.hpp"

namespace stackscope::gui {

struct RowList {
  std::string_view name;  // rows register as "NAME 1", "NAME 2" … from the top
  std::function<bool(const RawRecord&)> is_wanted;
  std::function<std::string(const RawRecord&)> text;
  std::function<Colour(const RawRecord&)> colour;
};

/// `offset` is how many rows the list was scrolled away from the cursor; the wheel changes it. Returns the record clicked.
std::optional<RecordId> draw_row_list(const PanelContext& context, const RowList& list, std::int64_t& offset,
                                      const Rect& area);

}  // namespace stackscope::gui
