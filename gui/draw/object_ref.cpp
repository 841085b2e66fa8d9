#include "gui/draw/object_ref.hpp"

#include <fmt/format.h>

namespace stackscope::gui {

std::string text_of(const ObjectRef& object, bool with_host) {
  const std::uint64_t shown = object.kind == ObjectKind::kCpu ? object.id - 1 : object.id;
  const bool is_everywhere = object.kind == ObjectKind::kPacket || object.kind == ObjectKind::kRecord;
  if (!with_host || is_everywhere) return fmt::format("{} {}", name_of(object.kind), shown);
  return fmt::format("{} {} of host {}", name_of(object.kind), shown, object.host);
}

}  // namespace stackscope::gui
