#include "gui/draw/theme.hpp"

namespace stackscope::gui {

Colour mix(Colour a, Colour b, float share) {
  Colour mixed = 0;
  for (const unsigned shift : {0U, 8U, 16U, 24U}) {
    const auto from = static_cast<float>((a >> shift) & 0xffU), to = static_cast<float>((b >> shift) & 0xffU);
    mixed |= static_cast<Colour>(from + (to - from) * share) << shift;
  }
  return mixed;
}

Theme Theme::dark() {
  Theme theme{};
  theme.is_dark = true;
  theme.background = rgb(0x14171c), theme.panel = rgb(0x1b1f26), theme.raised = rgb(0x262c36);
  theme.line = rgb(0x3a424f), theme.text = rgb(0xe6e9ee), theme.dim = rgb(0xa3adba),
  theme.faint = rgb(0x6b7685);
  theme.user = rgb(0x56b4e9), theme.kernel = rgb(0xcc79a7), theme.softirq = rgb(0xe69f00);
  theme.hardirq = rgb(0xf0703a), theme.data = rgb(0x2bb68a), theme.asleep = rgb(0x7d8897);
  theme.changed = rgb(0xf0e442), theme.selected = rgb(0xffffff), theme.runnable = rgb(0x9ad7f5);
  return theme;
}

Theme Theme::light() {
  Theme theme{};
  theme.is_dark = false;
  theme.background = rgb(0xf3f4f6), theme.panel = rgb(0xffffff), theme.raised = rgb(0xe9ecf0);
  theme.line = rgb(0xc5ccd6), theme.text = rgb(0x1a1f27), theme.dim = rgb(0x4c5663),
  theme.faint = rgb(0x7b8694);
  theme.user = rgb(0x0072b2), theme.kernel = rgb(0xa8497f), theme.softirq = rgb(0xb97a00);
  theme.hardirq = rgb(0xd55e00), theme.data = rgb(0x00805d), theme.asleep = rgb(0x7b8694);
  theme.changed = rgb(0xb8a500), theme.selected = rgb(0x10141a), theme.runnable = rgb(0x3d97cc);
  return theme;
}

Colour Theme::of(ContextKind context) const {
  switch (context) {
    case ContextKind::kIdle:
      return asleep;
    case ContextKind::kUser:
      return user;
    case ContextKind::kKernel:
      return kernel;
    case ContextKind::kSoftirq:
      return softirq;
    case ContextKind::kHardirq:
      return hardirq;
  }
  return text;
}

Colour Theme::of(TaskState state, bool is_on_cpu) const {
  if (is_on_cpu) return user;
  return state == TaskState::kRunning ? runnable : asleep;
}

}  // namespace stackscope::gui
