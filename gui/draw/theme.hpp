#pragma once
// Colours and sizes. One idea a colour, everywhere: blue is user code, orange softirq, vermillion hard interrupt, green data
// in a buffer, grey asleep, a yellow outline what the last record changed. The hues are those of Okabe and Ito, which
// people with any usual colour blindness can tell apart; shape or text always says the same.

#include <cstdint>

#include "analysis/cpu_view.hpp"

namespace stackscope::gui {

/// 0xAABBGGRR, as ImDrawList has it.
using Colour = std::uint32_t;
constexpr Colour rgb(std::uint32_t hex) {
  return 0xff000000U | ((hex & 0xffU) << 16) | (hex & 0xff00U) | (hex >> 16);
}
/// The same colour, so opaque: 0 to 255.
constexpr Colour with_alpha(Colour colour, std::uint32_t alpha) {
  return (colour & 0xffffffU) | (alpha << 24);
}

/// From `a` to `b`, from 0 to 1.
Colour mix(Colour a, Colour b, float share);

struct Theme {
  bool is_dark = true;
  Colour background, panel, raised, line, text, dim, faint;
  Colour user, kernel, softirq, hardirq, data, asleep, changed, selected, runnable;

  static Theme dark();
  static Theme light();

  Colour of(ContextKind context) const;
  Colour of(TaskState state, bool is_on_cpu) const;
};

}  // namespace stackscope::gui
