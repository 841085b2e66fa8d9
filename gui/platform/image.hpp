#pragma once
// Pictures in files.

#include <cstdint>
#include <span>
#include <string>

namespace stackscope::gui {

/// Writes RGB rows, the lowest first as OpenGL has them. Throws std::runtime_error.
void write_png(const std::string& path, int width, int height, std::span<const std::uint8_t> rgb);

}  // namespace stackscope::gui
