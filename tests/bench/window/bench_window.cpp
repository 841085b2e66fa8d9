// What the window costs: opening a recording, and making a frame of it (drawing is the graphics card's).
//
//     build/release/stackscope run scenarios/echo_10k.toml --variant baseline --until 230ms --record results/echo.stackscope
//     build/release/bench_window results/echo.stackscope

#include <chrono>
#include <fmt/format.h>

#include "gui/app/app.hpp"
#include "gui/panels/timeline.hpp"
#include "gui/platform/window.hpp"

namespace {

using namespace stackscope;
using namespace stackscope::gui;

double milliseconds(auto&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void measure(const char* path) {
  Window window({true, 1600, 900, 1});
  App app;
  const auto frame = [&] {
    window.compose(0.016F,
                   [&] { app.draw({window.width(), window.height(), window.scale(), window.fonts()}); });
  };
  fmt::print("opened and drawn in {:.1f} ms", milliseconds([&] {
               app.open({path});
               while (app.document()->state() == Document::State::kRunning) app.advance(0);
               frame();
             }));
  if (app.player() == nullptr) return fmt::print("\n{}\n", app.document()->error());
  fmt::print(", {} records\n", app.player()->recording().size());
  const std::uint64_t size = app.player()->recording().size();
  app.look().centre = timeline_panel();
  fmt::print("the timeline's lanes in {:.0f} ms\n", milliseconds([&] {
               while (!app.is_settled()) app.advance(0);
             }));
  for (int zoom = 0; zoom < 3; ++zoom) {
    constexpr int kFrames = 100;
    const double all = milliseconds([&] {
      for (int i = 0; i < kFrames; ++i) frame();
    });
    fmt::print("a frame of the timeline: {:.2f} ms, {} primitives\n", all / kFrames, app.primitives());
    zoom_timeline(app.look().timeline, app.player()->recording(),
                  app.player()->recording().at(RecordId{size / 2}).header.at, 0.01);
  }
  app.look().centre = 0;
  double longest = 0;
  const double to_end = milliseconds([&] {
    app.player()->seek(RecordId{size});
    while (!app.player()->has_arrived())
      longest = std::max(longest, milliseconds([&] { app.advance(0), frame(); }));
  });
  fmt::print("to its end in {:.0f} ms, {:.1f} ms at most between two frames\n", to_end, longest);
  for (const std::uint64_t part : {4U, 2U, 1U}) {
    app.player()->seek(RecordId{size / part});
    while (!app.player()->has_arrived()) app.advance(0);
    constexpr int kFrames = 200;
    const double all = milliseconds([&] {
      for (int i = 0; i < kFrames; ++i) frame();
    });
    fmt::print("a frame at record {}: {:.2f} ms, {} primitives\n", size / part, all / kFrames,
               app.primitives());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return fmt::print(stderr, "usage: bench_window RECORDING\n"), 2;
  measure(argv[1]);
}
