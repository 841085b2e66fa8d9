#pragma once
// A headless window with the application in it, for tests.

#include <catch2/catch.hpp>
#include <chrono>
#include <imgui.h>
#include <string>
#include <thread>
#include <vector>

#include "gui/app/app.hpp"
#include "gui/platform/window.hpp"

namespace stackscope::gui {

class TestStage {
 public:
  explicit TestStage(int width = 1600, int height = 900, float scale = 1)
      : window_({true, width, height, scale}), app_(true) {
    app_.look().moves = false;  // a seek is over at once
  }

  App& app() { return app_; }
  Window& window() { return window_; }
  Player& player() { return *app_.player(); }
  const SimulationView& view() { return player().view(); }

  /// Waits for the run to end. `path` is absolute, or within the sources.
  void open(const std::string& path, const std::string& variant = std::string(kBaseline)) {
    app_.open({path.starts_with('/') ? path : std::string(STACKSCOPE_SOURCE_DIR "/") + path, variant});
    while (app_.document()->state() == Document::State::kRunning) {
      app_.advance(0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    INFO(app_.document()->error());
    REQUIRE(app_.player() != nullptr);
  }
  void seek(std::uint64_t record) {
    player().seek(RecordId{record});
    while (!player().has_arrived()) app_.advance(0);
  }
  void frame() {
    window_.compose(1.0F / 60, [this] {
      app_.draw({window_.width(), window_.height(), window_.scale(), window_.fonts()});
    });
  }
  /// What the last frame gave the graphics card: equal pictures have equal bytes.
  std::vector<char> picture() {
    frame();
    frame();  // ImGui sizes its own windows one frame late
    std::vector<char> bytes;
    const ImDrawData& data = *ImGui::GetDrawData();
    for (int i = 0; i < data.CmdListsCount; ++i) {
      const ImDrawList& list = *data.CmdLists[i];
      const auto* vertices = reinterpret_cast<const char*>(list.VtxBuffer.Data);
      const auto* indices = reinterpret_cast<const char*>(list.IdxBuffer.Data);
      bytes.insert(bytes.end(), vertices, vertices + list.VtxBuffer.size_in_bytes());
      bytes.insert(bytes.end(), indices, indices + list.IdxBuffer.size_in_bytes());
    }
    return bytes;
  }

 private:
  Window window_;
  App app_;
};

}  // namespace stackscope::gui
