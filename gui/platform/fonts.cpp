#include "gui/platform/fonts.hpp"

#include <filesystem>
#include <imgui.h>
#include <imgui_freetype.h>

namespace stackscope::gui {
namespace {

constexpr const char* kInter = "/usr/share/fonts/opentype/inter/Inter-Regular.otf";
constexpr const char* kInterBold = "/usr/share/fonts/opentype/inter/Inter-SemiBold.otf";
constexpr const char* kMono = "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf";

// What our texts use. The atlas costs most of the start-up, so nothing else is in it.
constexpr ImWchar kRanges[] = {0x0020, 0x00ff, 0x2010, 0x2027, 0x2030, 0x203a, 0x2070, 0x2094, 0x2190, 0x2199,
                               0x2200, 0x2265, 0x2500, 0x2501, 0x25a0, 0x25cf, 0x2713, 0x2717, 0};

ImFont* load(const char* path, float size, float scale) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  ImFontConfig config;
  config.SizePixels = size * scale;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return atlas.AddFontDefault(&config);
  return atlas.AddFontFromFileTTF(path, size * scale, &config, kRanges);
}

}  // namespace

Fonts load_fonts(float scale) {
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  io.Fonts->FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  Fonts fonts;
  fonts.text = load(kInter, 15, scale);
  fonts.bold = load(kInterBold, 15, scale);
  fonts.mono = load(kMono, 13, scale);
  fonts.small = load(kInter, 12, scale);
  io.FontDefault = fonts.text;
  io.FontGlobalScale = 1 / scale;
  io.Fonts->Build();
  return fonts;
}

}  // namespace stackscope::gui
