// stackscope-gui: the window.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "gui/app/app.hpp"
#include "gui/platform/window.hpp"
#include "gui/script/performer.hpp"

namespace stackscope::gui {
namespace {

struct Arguments {
  std::string path, variant = std::string(kBaseline);
  std::vector<std::string> sets;
  std::string script;
  bool is_headless = false;
  int width = 1600, height = 900;
  float scale = 0;
};

void declare(CLI::App& cli, Arguments& arguments) {
  cli.description("Look at a scenario's run, or at a recording: step through it, forwards and back.");
  cli.add_option("PATH", arguments.path, "A scenario (.toml) or a recording.");
  cli.add_option("--variant", arguments.variant, "Of the scenario.");
  cli.add_option("--set", arguments.sets, "PATH=VALUE: change a value of the scenario.");
  cli.add_flag("--headless", arguments.is_headless, "Without a display, for --script.");
  cli.add_option("--script", arguments.script, "Do what the file says, then end.");
  cli.add_option("--width", arguments.width, "Of the window, in logical pixels.")
      ->check(CLI::Range(320, 8192));
  cli.add_option("--height", arguments.height)->check(CLI::Range(240, 8192));
  cli.add_option("--scale", arguments.scale, "Device pixels a logical one.")->check(CLI::Range(0.5, 4.0));
}

int run_script(const Arguments& arguments, App& app, Window& window) {
  std::ifstream file(arguments.script);
  if (!file) {
    fmt::print(stderr, "{}: cannot be read\n", arguments.script);
    return 2;
  }
  std::ostringstream text;
  text << file.rdbuf();
  Performer performer(app, window, arguments.script);
  performer.settle();
  for (const ScriptLine& line : parse_script(arguments.script, text.str())) performer.perform(line);
  return 0;
}

/// A frame is drawn where there is a reason: input, movement, a run that goes on. ImGui wants a few more to come to rest.
int run_window(App& app, Window& window) {
  constexpr int kFramesToRest = 3;
  using Clock = std::chrono::steady_clock;
  Clock::time_point last = Clock::now();
  int due = kFramesToRest;
  while (true) {
    window.poll(due > 0 || !app.is_settled() ? 0 : 1'000);
    const std::deque<InputEvent> events = window.input().take_frame();
    const Clock::time_point now = Clock::now();
    const float seconds = std::min(std::chrono::duration<float>(now - last).count(), 0.1F);
    last = now;
    feed_imgui(events);
    if (!app.handle(events)) return 0;
    if (app.advance(seconds) || !events.empty()) due = kFramesToRest;
    if (due == 0) continue;
    --due;
    window.frame(seconds,
                 [&] { app.draw({window.width(), window.height(), window.scale(), window.fonts()}); });
    window.present();
    window.set_title(app.title());
  }
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App cli;
  declare(cli, arguments);
  CLI11_PARSE(cli, argc, argv);
  Window window({arguments.is_headless, arguments.width, arguments.height, arguments.scale});
  App app;
  if (!arguments.path.empty()) app.open({arguments.path, arguments.variant, arguments.sets});
  return arguments.script.empty() ? run_window(app, window) : run_script(arguments, app, window);
}

}  // namespace
}  // namespace stackscope::gui

int main(int argc, char** argv) {
  using namespace stackscope::gui;
  try {
    return run(argc, argv);
  } catch (const ScriptFailure& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "stackscope-gui: {}\n", error.what());
    return 2;
  }
}
