#pragma once
// The fields of whatever is pointed at.

#include <vector>

#include "analysis/fields.hpp"
#include "gui/panels/panel.hpp"

namespace stackscope::gui {

/// Empty where the view does not hold such an object now.
std::vector<FieldText> fields_of(const PanelContext& context, const ObjectRef& object);
/// Of a record: as its schema has them, enums and strings by name.
std::vector<FieldText> record_fields(const Recording& recording, const RawRecord& record);

}  // namespace stackscope::gui
