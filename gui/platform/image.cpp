#include "gui/platform/image.hpp"

#include <png.h>
#include <stdexcept>

namespace stackscope::gui {

void write_png(const std::string& path, int width, int height, std::span<const std::uint8_t> rgb) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width), image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  const int upwards = -3 * width;
  if (png_image_write_to_file(&image, path.c_str(), 0, rgb.data(), upwards, nullptr) == 0) {
    throw std::runtime_error(path + ": " + image.message);
  }
}

}  // namespace stackscope::gui
